import GuestMemory
import Testing

@testable import Boot

@Suite struct MPTableTests {
    private func page(processors: Int) throws -> [UInt8] {
        let memory = try makeMemory(1 << 20)
        try MPTable(processors: processors)!.write(to: memory)
        return try memory.readBytes(at: GuestAddress(639 << 10), count: 1024)
    }

    /// The table, found as Linux finds it: through the pointer and by its length.
    private func table(_ page: [UInt8]) -> [UInt8] {
        let start = Int(page.field(UInt32.self, at: 4)) - 639 << 10
        return [UInt8](page[start..<start + Int(page.field(UInt16.self, at: start + 4))])
    }

    /// Entries behind the header, each as long as its type says.
    private func entries(_ table: [UInt8]) -> [[UInt8]] {
        var entries: [[UInt8]] = []
        var offset = 44
        while offset < table.count {
            let length = table[offset] == 0 ? 20 : 8
            entries.append([UInt8](table[offset..<offset + length]))
            offset += length
        }
        return entries
    }

    @Test(arguments: [1, 2, 32])
    func checksumsAreZero(processors: Int) throws {
        let page = try page(processors: processors)
        #expect(page[..<16].reduce(0, &+) == 0)
        #expect(table(page).reduce(0, &+) == 0)
        #expect(page.has("_MP_", at: 0))
        #expect(page[8...9] == [1, 4])
        #expect(page[11] == 0)
        #expect(table(page).has("PCMP", at: 0))
    }

    @Test(arguments: [1, 2, 32])
    func hasAnEntryForEverything(processors: Int) throws {
        let table = table(try page(processors: processors))
        let entries = entries(table)
        let types = entries.map { $0[0] }
        #expect(types == types.sorted())
        #expect((0...4).map { type in types.filter { $0 == type }.count } == [processors, 1, 1, 23, 2])
        #expect(Int(table.field(UInt16.self, at: 34)) == entries.count)
        #expect(table.field(UInt32.self, at: 36) == 0xFEE0_0000)
    }

    @Test func processorsAreNumberedAndTheFirstBoots() throws {
        let processors = entries(table(try page(processors: 32))).filter { $0[0] == 0 }
        #expect(processors.map { $0[1] } == [UInt8](0..<32))
        #expect(processors.map { $0[3] } == [3] + [UInt8](repeating: 1, count: 31))
    }

    @Test func interruptLinesAreTheInputsOfTheIOAPIC() throws {
        let all = entries(table(try page(processors: 4)))
        let ioAPIC = all.filter { $0[0] == 2 }
        #expect(ioAPIC == [[2, 4, 0x11, 1, 0, 0, 0xC0, 0xFE]])
        #expect(all.filter { $0[0] == 1 } == [[1, 0] + [UInt8]("ISA   ".utf8)])
        let lines = all.filter { $0[0] == 3 }
        #expect(lines.map { $0[7] } == [0, 1] + [UInt8](3..<24))
        // INT, polarity and trigger of the bus, ISA, the same line, that I/O APIC.
        #expect(lines.allSatisfy { [$0[1], $0[2], $0[3], $0[4], $0[5], $0[6]] == [0, 0, 0, 0, $0[7], 4] })
    }

    @Test func virtioLinesAreAmongThem() throws {
        let lines = entries(table(try page(processors: 1))).filter { $0[0] == 3 }.map { UInt32($0[5]) }
        #expect((0..<Layout.maximumVirtioDevices).allSatisfy { lines.contains(Layout.virtioGSI($0)!) })
    }

    @Test func localInterruptsAreExtINTAndNMI() throws {
        let local = entries(table(try page(processors: 2))).filter { $0[0] == 4 }
        #expect(local == [[4, 3, 0, 0, 0, 0, 0, 0], [4, 1, 0, 0, 0, 0, 0xFF, 1]])
    }

    @Test func fitsInTheLastKiBOfBaseMemory() throws {
        let memory = try makeMemory(1 << 20)
        try MPTable(processors: 32)!.write(to: memory)
        #expect(try memory.readBytes(at: GuestAddress(0), count: 0x9FC00).allSatisfy { $0 == 0 })
        #expect(try memory.readBytes(at: GuestAddress(0xA0000), count: 0x1000).allSatisfy { $0 == 0 })
        #expect(16 + table(try page(processors: 32)).count <= Int(Layout.mpTableSize))
    }

    @Test(arguments: [0, -1, 33, 1000, Int.max])
    func refusesOtherNumbers(processors: Int) {
        #expect(MPTable(processors: processors) == nil)
    }
}
