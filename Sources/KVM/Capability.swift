// What this host's KVM can do (KVM_CHECK_EXTENSION).

internal import CShims

/// A capability of linux/kvm.h, without its `KVM_CAP_`.
public struct Capability: Sendable {
    let rawValue: Int32

    public static var irqchip: Capability { Capability(rawValue: KVM_CAP_IRQCHIP) }
    public static var userMemory: Capability { Capability(rawValue: KVM_CAP_USER_MEMORY) }
    public static var irqfd: Capability { Capability(rawValue: KVM_CAP_IRQFD) }
    public static var ioeventfd: Capability { Capability(rawValue: KVM_CAP_IOEVENTFD) }
    public static var immediateExit: Capability { Capability(rawValue: KVM_CAP_IMMEDIATE_EXIT) }
    public static var tscDeadlineTimer: Capability { Capability(rawValue: KVM_CAP_TSC_DEADLINE_TIMER) }
    public static var pit2: Capability { Capability(rawValue: KVM_CAP_PIT2) }
    /// The value is the largest vCPU count.
    public static var maximumVCPUs: Capability { Capability(rawValue: KVM_CAP_MAX_VCPUS) }
}
