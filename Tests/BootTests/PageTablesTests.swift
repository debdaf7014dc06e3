import GuestMemory
import Testing

@testable import Boot

@Suite struct PageTablesTests {
    private let memory: GuestMemory

    init() throws { memory = try makeMemory(2 << 20) }

    /// What a processor in long mode makes of an address (Intel SDM volume 3, figure 4-9), for 2 MiB pages; nil for a
    /// page fault.
    private func translate(_ address: UInt64) throws -> UInt64? {
        var table = BootSpecialRegisters.longMode.cr3
        for shift in [39, 30] as [UInt64] {
            let entry = try memory.read(UInt64.self, at: GuestAddress(table + (address >> shift & 511) * 8))
            guard entry & 0x83 == 3 else { return nil }
            table = entry & 0xF_FFFF_FFFF_F000
        }
        let entry = try memory.read(UInt64.self, at: GuestAddress(table + (address >> 21 & 511) * 8))
        guard entry & 0x83 == 0x83 else { return nil }
        return entry & 0xF_FFFF_FFE0_0000 | address & 0x1F_FFFF
    }

    /// The end of the kernel, and what is mapped then.
    @Test(
        arguments: [
            (0, 1 << 30), (0x110_0000, 1 << 30), (1 << 30, 1 << 30), ((1 << 30) + 1, 2 << 30), (3 << 30, 3 << 30),
            (4 << 30, 4 << 30), (5 << 30, 4 << 30), (.max, 4 << 30),
        ] as [(UInt64, UInt64)])
    func mapsEveryAddressToItselfUpToTheKernelsGiB(end: UInt64, mapped: UInt64) throws {
        try PageTables.write(to: memory, covering: GuestAddress(end))
        let addresses = stride(from: 0, to: mapped, by: 1 << 21).flatMap { [$0, $0 + 0x12345, $0 + 0x1F_FFFF] }
        #expect(try addresses.allSatisfy { try translate($0) == $0 })
        #expect(try translate(mapped) == nil)
        #expect(try translate(mapped + (1 << 30)) == nil)
        #expect(try translate(1 << 39) == nil)
    }

    @Test func stayInTheirPlace() throws {
        try PageTables.write(to: memory, covering: GuestAddress(.max))
        let before = try memory.readBytes(at: GuestAddress(0), count: Int(Layout.pageTables.rawValue))
        let end = Layout.pageTables.rawValue + Layout.pageTablesSize
        let behind = try memory.readBytes(at: GuestAddress(end), count: 0x4000)
        #expect(before.allSatisfy { $0 == 0 })
        #expect(behind.allSatisfy { $0 == 0 })
    }

    @Test func memoryTooSmallIsAnError() throws {
        let tiny = try makeMemory(0x8000)
        #expect(throws: GuestMemoryError.self) { try PageTables.write(to: tiny, covering: GuestAddress(0)) }
    }
}
