import GuestMemory
import Testing

@testable import Boot

@Suite struct ELFKernelTests {
    private let memory: GuestMemory

    init() throws { memory = try makeMemory(16 << 20) }

    // MARK: Loading

    @Test(arguments: [LoadStrategy.map, .copy])
    func loadsContentsAndLeavesTheRestZero(strategy: LoadStrategy) throws {
        // More of the file follows behind the segment, in the page that its last bytes share.
        let bytes = SyntheticELF.simple.bytes + [UInt8](repeating: 0xEE, count: 0x1000)
        let kernel = try load(bytes, into: memory, strategy: strategy)
        let loaded = try memory.readBytes(at: GuestAddress(0x10_0000), count: 0x4000)
        #expect(loaded == pattern(0x2345) + [UInt8](repeating: 0, count: 0x4000 - 0x2345))
        #expect(kernel.entry == GuestAddress(0x10_0010))
        #expect(kernel.start == GuestAddress(0x10_0000))
        #expect(kernel.end == GuestAddress(0x10_4000))
        #expect(kernel.commandLineLimit == 2047)
    }

    /// (file offset, address, bytes): congruent or not, aligned or not at either end, within a page.
    @Test(
        arguments: [
            (0x1000, 0x10_0000, 0x1000), (0x1000, 0x10_0000, 1), (0x1234, 0x10_0234, 0x3000),
            (0x1234, 0x10_0234, 0x10), (0x1FFF, 0x10_0FFF, 2), (0x1FFF, 0x10_0FFF, 0x1002), (0x1001, 0x10_0000, 0x2000),
            (0x1000, 0x10_0001, 0x2FFF), (0xABC, 0x10_0123, 0x5001),
        ] as [(Int, UInt64, Int)], [LoadStrategy.map, .copy])
    func touchesNoOtherByte(place: (offset: Int, address: UInt64, count: Int), strategy: LoadStrategy) throws {
        let segment = SyntheticELF.Segment(
            offset: place.offset, address: place.address, contents: pattern(place.count),
            memorySize: UInt64(place.count))
        let elf = SyntheticELF(entry: place.address, segments: [segment])
        _ = try load(elf.bytes + [UInt8](repeating: 0xEE, count: 0x2000), into: memory, strategy: strategy)
        let around = try memory.readBytes(at: GuestAddress(place.address - 0x1000), count: place.count + 0x2000)
        let zeroes = [UInt8](repeating: 0, count: 0x1000)
        #expect(around == zeroes + pattern(place.count) + zeroes)
    }

    @Test(arguments: [false, true])
    func neighboursMayShareAPage(reversed: Bool) throws {
        let first = SyntheticELF.Segment(
            offset: 0x1000, address: 0x10_0000, contents: pattern(0x1800), memorySize: 0x1800)
        let second = SyntheticELF.Segment(
            offset: 0x3800, address: 0x10_1800, contents: pattern(0x1900, seed: 7), memorySize: 0x1900)
        let elf = SyntheticELF(entry: 0x10_0000, segments: reversed ? [second, first] : [first, second])
        _ = try load(elf.bytes, into: memory)
        let loaded = try memory.readBytes(at: GuestAddress(0x10_0000), count: 0x3100)
        #expect(loaded == pattern(0x1800) + pattern(0x1900, seed: 7))
    }

    @Test func whatTheGuestWritesDoesNotReachTheFile() throws {
        let file = try TemporaryFile(SyntheticELF.simple.bytes)
        _ = try KernelImage.open(file.path).load(into: memory)
        try memory.fill(0, at: GuestAddress(0x10_0000), count: 0x4000)
        let second = try makeMemory(16 << 20)
        _ = try KernelImage.open(file.path).load(into: second)
        #expect(try second.readBytes(at: GuestAddress(0x10_0000), count: 0x2345) == pattern(0x2345))
    }

    @Test func programHeadersMayLieAnywhere() throws {
        var bytes = SyntheticELF.simple.bytes
        bytes.set(UInt64(bytes.count), at: 32)
        bytes += bytes[64..<120]
        let kernel = try load(bytes, into: memory)
        #expect(kernel.end == GuestAddress(0x10_4000))
    }

    @Test func otherAndEmptyProgramHeadersSayNothing() throws {
        var elf = SyntheticELF.simple
        elf.segments.append(.init(type: 4, offset: 400, address: 0, contents: [1], memorySize: 1))
        elf.segments.append(.init(type: 1, offset: 400, address: 0, contents: [], memorySize: 0))
        #expect(try load(elf.bytes, into: memory).start == GuestAddress(0x10_0000))
    }

    // MARK: Truncation

    /// Length of the file, what is cut, and where that ends. `small` has two program headers from 64 to 176 and
    /// contents to 236 and 256.
    @Test(
        arguments: [
            (4, .elfHeader, 64), (5, .elfHeader, 64), (6, .elfHeader, 64), (16, .elfHeader, 64), (63, .elfHeader, 64),
            (64, .programHeaders, 176), (65, .programHeaders, 176), (120, .programHeaders, 176),
            (175, .programHeaders, 176), (176, .segment(0), 236), (235, .segment(0), 236), (236, .segment(1), 256),
            (255, .segment(1), 256),
        ] as [(Int, KernelError.Part, UInt64)])
    func saysWhereTheFileEnds(length: Int, part: KernelError.Part, needed: UInt64) throws {
        let bytes = [UInt8](SyntheticELF.small.bytes.prefix(length))
        #expect(try openError(bytes) == .truncated(part, size: UInt64(length), needed: needed))
    }

    @Test func refusesEveryShorterFile() throws {
        let bytes = SyntheticELF.small.bytes
        #expect(bytes.count == 256)
        #expect(try (0..<256).allSatisfy { try openError([UInt8](bytes.prefix($0))) != nil })
        #expect(try openError(bytes) == nil)
    }

    @Test func headersPastTheFirstPageAreReadToTheirEnd() throws {
        var bytes = SyntheticELF.simple.bytes
        bytes.set(UInt64(bytes.count), at: 32)
        bytes += bytes[64..<119]
        let needed = UInt64(bytes.count) + 1
        #expect(try openError(bytes) == .truncated(.programHeaders, size: needed - 1, needed: needed))
    }

    // MARK: Contents

    @Test(
        arguments: [
            (SyntheticELF.small.bytes.setting(UInt8(1), at: 4), .is32Bit),
            (SyntheticELF.small.bytes.setting(UInt16(183), at: 18), .notX86(machine: 183)),
            (SyntheticELF.small.bytes.setting(UInt8(2), at: 5).setting(UInt16(0x1600), at: 18), .notX86(machine: 22)),
            (SyntheticELF.small.bytes.setting(UInt8(3), at: 4), .malformed(.elfVersion)),
            (SyntheticELF.small.bytes.setting(UInt8(0), at: 6), .malformed(.elfVersion)),
            (SyntheticELF.small.bytes.setting(UInt16(1), at: 16), .unsupported(.elfRelocatable)),
            (SyntheticELF.small.bytes.setting(UInt16(3), at: 16), .unsupported(.elfSharedObject)),
            (SyntheticELF.small.bytes.setting(UInt16(4), at: 16), .unsupported(.elfOther)),
            (SyntheticELF.small.bytes.setting(UInt32(3), at: 64), .unsupported(.elfProgram)),
            (SyntheticELF.small.bytes.setting(UInt16(0), at: 56), .noLoadableSegments),
            (
                SyntheticELF.small.bytes.setting(UInt32(0), at: 64).setting(UInt32(0), at: 120), .noLoadableSegments
            ),
            (SyntheticELF.small.bytes.setting(UInt16(32), at: 54), .malformed(.programHeaderSize)),
            (
                SyntheticELF.small.bytes.setting(UInt64.max - 50, at: 32),
                .truncated(.programHeaders, size: 256, needed: .max)
            ),
            (
                SyntheticELF.small.bytes.setting(UInt64.max - 3, at: 64 + 8),
                .truncated(.segment(0), size: 256, needed: .max)
            ),
            (SyntheticELF.small.bytes.setting(UInt64(59), at: 64 + 40), .malformed(.segmentSize)),
            (SyntheticELF.small.bytes.setting(UInt64.max - 58, at: 64 + 24), .malformed(.segmentSize)),
            (SyntheticELF.small.bytes.setting(UInt64(0xF_FFFF), at: 64 + 24), .belowOneMegabyte(0xF_FFFF)),
            (SyntheticELF.small.bytes.setting(UInt64(0x2F_FFFF), at: 64 + 24), .overlappingSegments),
            (SyntheticELF.small.bytes.setting(UInt64(0x20_003C), at: 24), .entryOutsideSegments(0x20_003C)),
            (SyntheticELF.small.bytes.setting(UInt64.max, at: 24), .entryOutsideSegments(.max)),
        ] as [([UInt8], KernelError)])
    func refusesHeadersThatMakeNoKernel(bytes: [UInt8], error: KernelError) throws {
        #expect(try openError(bytes) == error)
    }

    @Test func refusesTooManySegments() throws {
        let segments = (0..<UInt64(65)).map {
            SyntheticELF.Segment(offset: 4000, address: 0x10_0000 + $0 * 0x1000, contents: [1], memorySize: 1)
        }
        #expect(try openError(SyntheticELF(entry: 0x10_0000, segments: segments).bytes) == .malformed(.segmentCount))
    }

    // MARK: Memory

    /// Ends of a kernel against 16 MiB, 3 GiB (of 6) and 4 GiB.
    @Test(
        arguments: [
            (16 << 20, (16 << 20) - 0x1000 + 1, 16 << 20), (1 << 20, 0x10_0000, 1 << 20), (4096, 0x10_0000, 4096),
            (6 << 30, (3 << 30) - 0xFFF, 3 << 30), (6 << 30, 4 << 30, 3 << 30),
        ] as [(UInt64, UInt64, UInt64)])
    func refusesKernelsPastLowMemory(memory: UInt64, address: UInt64, available: UInt64) throws {
        let segment = SyntheticELF.Segment(offset: 0x1000, address: address, contents: [1], memorySize: 0x1000)
        let bytes = SyntheticELF(entry: address, segments: [segment]).bytes
        let expected = KernelError.largerThanMemory(needed: address + 0x1000, available: available)
        #expect(try loadError(bytes, into: makeMemory(memory)) == expected)
    }

    @Test func fillsLowMemoryToTheLastByte() throws {
        let segment = SyntheticELF.Segment(
            offset: 0x1000, address: (16 << 20) - 0x1000, contents: pattern(0x1000), memorySize: 0x1000)
        let kernel = try load(SyntheticELF(entry: segment.address, segments: [segment]).bytes, into: memory)
        #expect(kernel.end.rawValue == memory.lowEnd)
        #expect(try memory.readBytes(at: kernel.start, count: 0x1000) == pattern(0x1000))
    }
}
