// A vCPU's registers, set before it first runs.

public import CShims
internal import Host

extension VCPU {
    public func registers() throws(KVMError) -> kvm_regs {
        var registers = kvm_regs()
        // SAFETY: the kernel fills one structure of this type; so below.
        try unsafe checked(apus_kvm_get_registers(descriptor.rawValue, &registers), "KVM_GET_REGS")
        return registers
    }

    public func setRegisters(_ registers: kvm_regs) throws(KVMError) {
        var registers = registers
        try unsafe checked(apus_kvm_set_registers(descriptor.rawValue, &registers), "KVM_SET_REGS")
    }

    public func specialRegisters() throws(KVMError) -> kvm_sregs {
        var registers = kvm_sregs()
        try unsafe checked(apus_kvm_get_special_registers(descriptor.rawValue, &registers), "KVM_GET_SREGS")
        return registers
    }

    public func setSpecialRegisters(_ registers: kvm_sregs) throws(KVMError) {
        var registers = registers
        try unsafe checked(apus_kvm_set_special_registers(descriptor.rawValue, &registers), "KVM_SET_SREGS")
    }

    public func setCPUID(_ cpuid: CPUID) throws(KVMError) {
        var table = cpuid.table
        try unsafe checked(apus_kvm_set_cpuid(descriptor.rawValue, &table), "KVM_SET_CPUID2")
    }

    /// Sets model-specific registers, at most 16.
    /// - Throws: `EINVAL` where KVM refused one: it stops at the first that it does not know.
    public func setMSRs(_ values: [(index: UInt32, value: UInt64)]) throws(KVMError) {
        var msrs = apus_msrs()
        precondition(values.count <= Int(APUS_MSR_CAPACITY), "more MSRs than the shim has room for")
        for (index, value) in values { unsafe apus_msrs_append(&msrs, index, value) }
        let done = try unsafe checked(apus_kvm_set_msrs(descriptor.rawValue, &msrs), "KVM_SET_MSRS")
        guard done == values.count else { throw KVMError("KVM_SET_MSRS", .invalidArgument) }
    }
}
