// What this host's KVM can do (KVM_CHECK_EXTENSION).

internal import CShims

/// A capability of linux/kvm.h.
public struct Capability: Sendable {
    let rawValue: Int32
    /// The C symbol.
    let name: StaticString

    public static var tscDeadlineTimer: Capability {
        Capability(rawValue: KVM_CAP_TSC_DEADLINE_TIMER, name: "KVM_CAP_TSC_DEADLINE_TIMER")
    }
    /// The value is the largest vCPU count.
    public static var maximumVCPUs: Capability {
        Capability(rawValue: KVM_CAP_MAX_VCPUS, name: "KVM_CAP_MAX_VCPUS")
    }

    /// What every machine of this monitor needs; all of it is there since Linux 4.12.
    static var required: [Capability] {
        [
            Capability(rawValue: KVM_CAP_USER_MEMORY, name: "KVM_CAP_USER_MEMORY"),
            Capability(rawValue: KVM_CAP_IRQCHIP, name: "KVM_CAP_IRQCHIP"),
            Capability(rawValue: KVM_CAP_IRQFD, name: "KVM_CAP_IRQFD"),
            Capability(rawValue: KVM_CAP_IOEVENTFD, name: "KVM_CAP_IOEVENTFD"),
            Capability(rawValue: KVM_CAP_IMMEDIATE_EXIT, name: "KVM_CAP_IMMEDIATE_EXIT"),
        ]
    }
}
