// The CPUID table of a vCPU: what the host offers, made true for one CPU of this machine.

internal import CShims

/// A vCPU's CPUID table (KVM_SET_CPUID2).
@safe
public struct CPUID {
    var table: apus_cpuid

    init(_ table: apus_cpuid) { self.table = table }

    /// A leaf's four registers.
    public struct Registers: Equatable {
        public var eax, ebx, ecx, edx: UInt32
    }

    /// The entry of `leaf` and `subleaf`, or nil.
    public subscript(leaf: UInt32, subleaf: UInt32 = 0) -> Registers? {
        mutating get {
            for index in 0..<table.count {
                // SAFETY: `count` entries are filled in.
                let entry = unsafe apus_cpuid_entry(&table, index)!.pointee
                if entry.function == leaf, entry.index == subleaf {
                    return Registers(eax: entry.eax, ebx: entry.ebx, ecx: entry.ecx, edx: entry.edx)
                }
            }
            return nil
        }
    }

    /// Changes every entry of the table in place: `body` gets the leaf, the subleaf and the registers.
    mutating func updateEach(_ body: (UInt32, UInt32, inout Registers) -> Void) {
        for index in 0..<table.count {
            // SAFETY: as above.
            let entry = unsafe apus_cpuid_entry(&table, index)!
            var registers = unsafe Registers(
                eax: entry.pointee.eax, ebx: entry.pointee.ebx, ecx: entry.pointee.ecx, edx: entry.pointee.edx)
            unsafe body(entry.pointee.function, entry.pointee.index, &registers)
            unsafe entry.pointee.eax = registers.eax
            unsafe entry.pointee.ebx = registers.ebx
            unsafe entry.pointee.ecx = registers.ecx
            unsafe entry.pointee.edx = registers.edx
        }
    }
}
