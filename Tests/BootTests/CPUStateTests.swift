import GuestMemory
import Testing

@testable import Boot

@Suite struct CPUStateTests {
    /// The values that Linux has for the same descriptors (GDT_ENTRY_INIT, arch/x86/include/asm/desc_defs.h).
    @Test func descriptorsAreEncodedAsTheProcessorReadsThem() {
        #expect(BootSegment.bootCode.descriptor == 0x00AF_9B00_0000_FFFF)
        #expect(BootSegment.bootData.descriptor == 0x00CF_9300_0000_FFFF)
        #expect(BootSegment.bootTask.descriptor == 0x0000_8B00_0000_0067)
        #expect(BootSegment.noLocalTable.descriptor == 0x0000_0200_0000_0000)
    }

    @Test func everyFieldHasItsBits() {
        let segment = BootSegment(
            selector: 8, base: 0x1234_5678, limit: 0xABCDE, type: 0x5, s: 0, dpl: 3, present: 0, avl: 1, l: 0, db: 1,
            g: 0)
        #expect(segment.descriptor == 0x125A_6534_5678_BCDE)
    }

    @Test func theTableHoldsWhatTheSelectorsName() throws {
        let memory = try makeMemory(2 << 20)
        try GlobalDescriptorTable.write(to: memory)
        let state = BootSpecialRegisters.longMode
        for segment in [state.cs, state.ds, state.es, state.fs, state.gs, state.ss, state.tr] {
            let address = GuestAddress(state.gdt.base + UInt64(segment.selector))
            #expect(try memory.read(UInt64.self, at: address) == segment.descriptor)
            #expect(segment.selector + 7 <= state.gdt.limit)
        }
        #expect(try memory.read(UInt64.self, at: Layout.bootGDT) == 0)
        #expect(state.cs.selector == 0x10)
        #expect(state.ds.selector == 0x18)
    }

    @Test func longModeStartsAtTheKernelWithTheZeroPage() {
        let registers = BootRegisters.longMode(someKernel)
        #expect(registers == BootRegisters(rip: 0x100_0200, rsp: 0x9000, rsi: 0x7000, rflags: 2))
        let state = BootSpecialRegisters.longMode
        #expect(state.cr0 & 0x8000_0001 == 0x8000_0001)
        #expect(state.cr3 == Layout.pageTables.rawValue)
        #expect(state.cr4 == 0x20)
        #expect(state.efer == 0x500)
        #expect(state.cs.l == 1 && state.cs.db == 0)
    }

    @Test func resetStartsSixteenBytesBelowFourGiB() {
        let state = BootSpecialRegisters.reset
        let registers = BootRegisters.reset
        #expect(state.cs.base + registers.rip == 0xFFFF_FFF0)
        #expect(state.cs.selector == 0xF000)
        #expect(registers.rflags == 2)
        #expect(state.cr0 == 0x6000_0010)
        #expect(state.cr3 | state.cr4 | state.efer == 0)
        #expect([state.ds, state.es, state.fs, state.gs, state.ss].allSatisfy { $0.limit == 0xFFFF && $0.base == 0 })
    }
}
