// Which CPU of how many a vCPU is: one package, one thread a core, APIC ids counted from 0.

extension CPUID {
    /// The table for vCPU `id` of `count`.
    /// - Parameter hasTSCDeadlineTimer: KVM_CAP_TSC_DEADLINE_TIMER. KVM_GET_SUPPORTED_CPUID leaves the bit out, since
    ///   it depends on the irqchip; without it Linux calibrates the APIC timer against a timer that is not there.
    public func prepared(forVCPU id: UInt32, of count: UInt32, hasTSCDeadlineTimer: Bool) -> CPUID {
        let idBits = UInt32(32 - (count - 1).leadingZeroBitCount)
        var result = self
        result.updateEach { leaf, subleaf, registers in
            switch (leaf, subleaf) {
            case (0x1, _):
                // EBX: APIC id and logical processors in the package; ECX 31: hypervisor; EDX 28: HTT (more than one).
                registers.ebx = registers.ebx & 0x0000_FFFF | count << 16 | id << 24
                registers.ecx |= 1 << 31
                if hasTSCDeadlineTimer { registers.ecx |= 1 << 24 }
                registers.edx = registers.edx & ~(1 << 28) | (count > 1 ? 1 << 28 : 0)
            case (0x4, _) where registers.eax & 0x1F != 0:
                // Deterministic cache parameters: cores in the package (31…26), CPUs that share this cache (25…14).
                let level = registers.eax >> 5 & 0b111
                let sharing = level >= 3 ? count : 1
                registers.eax = registers.eax & 0x3FFF | (sharing - 1) << 14 | (count - 1) << 26
            case (0xB, 0), (0x1F, 0):
                // Extended topology, thread level: one thread a core.
                registers = Registers(eax: 0, ebx: 1, ecx: 1 << 8, edx: id)
            case (0xB, 1), (0x1F, 1):
                // Core level: the id bits that tell the package's cores apart.
                registers = Registers(eax: idBits, ebx: count, ecx: 2 << 8 | 1, edx: id)
            case (0xB, _), (0x1F, _):
                registers = Registers(eax: 0, ebx: 0, ecx: subleaf, edx: id)
            case (0x8000_0008, _):
                // AMD: cores in the package less one, and the width of the id that holds them.
                registers.ecx = idBits << 12 | (count - 1)
            case (0x8000_001D, _) where registers.eax & 0x1F != 0:
                let level = registers.eax >> 5 & 0b111
                registers.eax = registers.eax & 0x3FFF | ((level >= 3 ? count : 1) - 1) << 14
            case (0x8000_001E, _):
                // AMD: extended APIC id, core id with one thread a core, one node.
                registers.eax = id
                registers.ebx = registers.ebx & ~0xFFFF | id
                registers.ecx = 0
            default:
                break
            }
        }
        return result
    }
}
