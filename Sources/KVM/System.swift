// /dev/kvm itself.

internal import CShims
internal import Host

/// The host's KVM (api.rst, "System ioctls").
public final class System {
    let descriptor: FileDescriptor
    /// The size in bytes of each vCPU's shared `struct kvm_run`.
    let runSize: Int

    /// The one version of the KVM API there has been since Linux 2.6.22 (KVM_API_VERSION).
    public static var apiVersion: Int { Int(KVM_API_VERSION) }

    /// Opens /dev/kvm and checks its version.
    /// - Throws: `ENOENT` where it is absent, `EACCES` where it is forbidden, `EOPNOTSUPP` for another API version or
    ///   where a capability is missing that every machine needs; the error's `call` names it.
    public init(path: String = "/dev/kvm") throws(KVMError) {
        do throws(Errno) {
            descriptor = try .open(path, .readWrite)
        } catch { throw KVMError("open /dev/kvm", error) }
        let version = try checked(apus_kvm_api_version(descriptor.rawValue), "KVM_GET_API_VERSION")
        guard version == System.apiVersion else { throw KVMError("KVM API version 12", .notSupported) }
        for capability in Capability.required {
            guard apus_kvm_check_extension(descriptor.rawValue, capability.rawValue) > 0 else {
                throw KVMError(capability.name, .notSupported)
            }
        }
        runSize = try checked(apus_kvm_run_size(descriptor.rawValue), "KVM_GET_VCPU_MMAP_SIZE")
    }

    /// The capability's value: 0 where it is absent, 1 or a limit where it is there.
    public func check(_ capability: Capability) -> Int {
        max(0, apus_kvm_check_extension(descriptor.rawValue, capability.rawValue))
    }

    /// The CPUID that the host's CPU and KVM can give a guest.
    public func supportedCPUID() throws(KVMError) -> CPUID {
        var table = apus_cpuid()
        // SAFETY: the structure has room for the entry count that the shim announces.
        try unsafe checked(apus_kvm_supported_cpuid(descriptor.rawValue, &table), "KVM_GET_SUPPORTED_CPUID")
        return CPUID(table)
    }

    public func createVirtualMachine() throws(KVMError) -> VirtualMachine {
        // KVM_CREATE_VM answers EINTR where a signal came while it set up its notifier: ask again.
        while true {
            let result = apus_kvm_create_vm(descriptor.rawValue)
            if result == -Int(EINTR) { continue }
            return VirtualMachine(
                FileDescriptor(owning: Int32(try checked(result, "KVM_CREATE_VM"))), runSize: runSize)
        }
    }
}
