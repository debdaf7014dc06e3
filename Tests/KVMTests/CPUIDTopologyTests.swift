import CShims
import Testing

@testable import KVM

/// A table with one empty entry for each leaf that topology touches.
private func table(_ leaves: [(leaf: UInt32, subleaf: UInt32, eax: UInt32)]) -> CPUID {
    var raw = apus_cpuid()
    for (leaf, subleaf, eax) in leaves {
        apus_cpuid_entry(&raw, raw.count)!.pointee = kvm_cpuid_entry2(
            function: leaf, index: subleaf, flags: 0, eax: eax, ebx: 0, ecx: 0, edx: 0, padding: (0, 0, 0))
        raw.count += 1
    }
    return CPUID(raw)
}

@Suite struct CPUIDTopologyTests {
    @Test(arguments: [(0, 1), (0, 4), (3, 4), (31, 32)] as [(UInt32, UInt32)])
    func givesEveryCPUItsAPICId(id: UInt32, count: UInt32) {
        var cpuid = table([(1, 0, 0), (0xB, 0, 0), (0xB, 1, 0), (0x8000_001E, 0, 0)])
            .prepared(forVCPU: id, of: count, hasTSCDeadlineTimer: true)

        #expect(cpuid[1]?.ebx == count << 16 | id << 24)
        #expect(cpuid[0xB, 0]?.edx == id)
        #expect(cpuid[0xB, 1]?.edx == id)
        #expect(cpuid[0xB, 1]?.ebx == count)
        #expect(cpuid[0x8000_001E]?.eax == id)
    }

    @Test(arguments: [(1, 0), (2, 1), (3, 2), (4, 2), (5, 3), (32, 5)] as [(UInt32, UInt32)])
    func idWidthHoldsEveryId(count: UInt32, bits: UInt32) {
        var cpuid = table([(0xB, 1, 0), (0x8000_0008, 0, 0)])
            .prepared(forVCPU: 0, of: count, hasTSCDeadlineTimer: true)

        #expect(cpuid[0xB, 1]?.eax == bits)
        #expect(cpuid[0x8000_0008]?.ecx == bits << 12 | (count - 1))
    }

    @Test func saysHypervisorAndTimer() {
        var with = table([(1, 0, 0)]).prepared(forVCPU: 0, of: 1, hasTSCDeadlineTimer: true)
        var without = table([(1, 0, 0)]).prepared(forVCPU: 0, of: 1, hasTSCDeadlineTimer: false)

        #expect(with[1]?.ecx == 1 << 31 | 1 << 24)
        #expect(without[1]?.ecx == 1 << 31)
        #expect(with[1]?.edx == 0)
    }

    @Test func sharesTheLastCacheOnly() {
        let l1: UInt32 = 1 << 5 | 1
        let l3: UInt32 = 3 << 5 | 3
        var cpuid = table([(4, 0, l1), (4, 3, l3), (0x8000_001D, 0, l1), (0x8000_001D, 3, l3)])
            .prepared(forVCPU: 1, of: 4, hasTSCDeadlineTimer: true)

        #expect(cpuid[4, 0]?.eax == l1 | 3 << 26)
        #expect(cpuid[4, 3]?.eax == l3 | 3 << 14 | 3 << 26)
        #expect(cpuid[0x8000_001D, 0]?.eax == l1)
        #expect(cpuid[0x8000_001D, 3]?.eax == l3 | 3 << 14)
    }

    @Test func answersNilForALeafThatIsNotThere() {
        var cpuid = table([(1, 0, 0)])
        #expect(cpuid[0x4000_0000] == nil)
    }
}
