import GuestMemory
import Testing

@testable import Boot

@Suite struct BootParametersTests {
    private func zeroPage(
        memory: UInt64 = 32 << 20, kernel: LoadedKernel = someKernel, initrd: LoadedInitrd? = nil
    ) throws -> [UInt8] {
        let memory = try makeMemory(memory)
        try BootParameters(kernel: kernel, initrd: initrd).write(to: memory)
        return try memory.readBytes(at: Layout.zeroPage, count: 4096)
    }

    private func memoryMap(_ page: [UInt8]) -> [[UInt64]] {
        (0..<Int(page[0x1E8])).map { index in
            let base = 0x2D0 + index * 20
            return [
                page.field(UInt64.self, at: base), page.field(UInt64.self, at: base + 8),
                UInt64(page.field(UInt32.self, at: base + 16)),
            ]
        }
    }

    @Test func givesAnELFKernelTheHeaderThatLinuxLooksFor() throws {
        let page = try zeroPage()
        #expect(page.field(UInt16.self, at: 0x1FE) == 0xAA55)
        #expect(page.has("HdrS", at: 0x202))
        #expect(page.field(UInt16.self, at: 0x206) == 0x20C)
        #expect(page[0x211] == 1)
    }

    @Test func saysWhereEverythingIs() throws {
        let initrd = LoadedInitrd(start: GuestAddress(0x1F0_0000), count: 0xABCDE)
        let page = try zeroPage(initrd: initrd)
        #expect(page[0x210] == 0xFF)
        #expect(page.field(UInt32.self, at: 0x214) == 0x100_0000)
        #expect(page.field(UInt32.self, at: 0x218) == 0x1F0_0000)
        #expect(page.field(UInt32.self, at: 0x21C) == 0xABCDE)
        #expect(page.field(UInt32.self, at: 0x228) == 0x20000)
        #expect(page.field(UInt16.self, at: 0x1FA) == 0xFFFF)
    }

    @Test func withoutAnInitrdThereIsNone() throws {
        let page = try zeroPage()
        #expect(page.field(UInt64.self, at: 0x218) == 0)
    }

    @Test func keepsTheFieldsOfABzImagesHeader() throws {
        let bytes = SyntheticBzImage().bytes
        let page = try zeroPage(kernel: load(bytes, into: makeMemory(32 << 20)))
        #expect(page[0x1F1..<0x1FA] == bytes[0x1F1..<0x1FA])
        #expect(page[0x22C..<0x26C] == bytes[0x22C..<0x26C])
    }

    /// A sentinel other than 0 makes Linux throw away the fields around the header (sanitize_boot_params).
    @Test func isZeroOutsideTheFieldsItSets() throws {
        let page = try zeroPage()
        #expect(page[..<0x1E8].allSatisfy { $0 == 0 })
        #expect(page[0x1E9..<0x1F1].allSatisfy { $0 == 0 })
        #expect(page[0x264..<0x2D0].allSatisfy { $0 == 0 })
        #expect(page[(0x2D0 + 3 * 20)...].allSatisfy { $0 == 0 })
    }

    @Test func aLongHeaderDoesNotReachTheMemoryMap() throws {
        let image = SyntheticBzImage(payload: pattern(0x3010), headerLength: 0xFF)
        let kernel = try load(image.bytes, into: makeMemory(32 << 20))
        #expect(try memoryMap(zeroPage(kernel: kernel)).count == 3)
    }

    @Test(
        arguments: [
            (32 << 20, [[0x10_0000, 31 << 20, 1]]),
            (3 << 30, [[0x10_0000, 0xBFF0_0000, 1]]),
            ((3 << 30) + 4096, [[0x10_0000, 0xBFF0_0000, 1], [0x1_0000_0000, 4096, 1]]),
            (6 << 30, [[0x10_0000, 0xBFF0_0000, 1], [0x1_0000_0000, 3 << 30, 1]]),
        ] as [(UInt64, [[UInt64]])])
    func memoryMapGoesAroundTheHoles(memory: UInt64, high: [[UInt64]]) throws {
        let map = try memoryMap(zeroPage(memory: memory))
        #expect(map == [[0, 0x9FC00, 1], [0x9FC00, 0x400, 2]] + high)
    }

    @Test func aROMIsNoRAM() throws {
        let memory = try GuestMemory([(GuestAddress(0), 32 << 20), (GuestAddress(0xFFFF_F000), 4096)])
        #expect(MemoryMapEntry.map(of: memory).map(\.start) == [0, 0x9FC00, 0x10_0000])
    }
}
