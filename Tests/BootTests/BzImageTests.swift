import GuestMemory
import Testing

@testable import Boot

@Suite struct BzImageTests {
    private let memory: GuestMemory

    init() throws { memory = try makeMemory(32 << 20) }

    // MARK: Loading

    /// 7 sectors and the boot sector make a page: that one can be mapped.
    @Test(arguments: [1, 7, 0, 31, 255] as [UInt8], [LoadStrategy.map, .copy])
    func loadsThePartBehindTheSetup(sectors: UInt8, strategy: LoadStrategy) throws {
        let image = SyntheticBzImage(setupSectors: sectors)
        let kernel = try load(image.bytes + [0xEE], into: memory, strategy: strategy)
        #expect(kernel.entry == GuestAddress(0x100_0200))
        #expect(kernel.start == GuestAddress(0x100_0000))
        #expect(kernel.end == GuestAddress(0x100_8000))
        let loaded = try memory.readBytes(at: kernel.start, count: 0x4000)
        #expect(loaded == image.payload + [UInt8](repeating: 0, count: 0x4000 - image.payload.count))
    }

    @Test func keepsTheHeaderAndItsLimits() throws {
        let bytes = SyntheticBzImage().bytes.setting(UInt32(0x37FF_FFFF), at: 0x22C).setting(UInt32(511), at: 0x238)
        let kernel = try load(bytes, into: memory)
        #expect(kernel.setupHeader == [UInt8](bytes[0x1F1..<0x26C]))
        #expect(kernel.initrdLimit == 0x3800_0000)
        #expect(kernel.commandLineLimit == 511)
    }

    @Test func cutsAHeaderThatIsLongerThanTheZeroPageHasRoomFor() throws {
        let image = SyntheticBzImage(headerLength: 0xFF)
        #expect(try load(image.bytes, into: memory).setupHeader.count == 0x290 - 0x1F1)
    }

    @Test func aRelocatableKernelGoesLowWhereItsPlaceIsNotInMemory() throws {
        let kernel = try load(SyntheticBzImage().bytes, into: makeMemory(8 << 20))
        #expect(kernel.start == GuestAddress(0x20_0000))
        #expect(kernel.entry == GuestAddress(0x20_0200))
    }

    @Test(arguments: [UInt64(0), 0x1000, .max, .max - 0x7FFF])
    func aRelocatableKernelMayPreferNonsense(preferred: UInt64) throws {
        #expect(try load(SyntheticBzImage(preferredAddress: preferred).bytes, into: memory).start.rawValue == 0x20_0000)
    }

    @Test(
        arguments: [
            (SyntheticBzImage(), 2 << 20, .largerThanMemory(needed: 0x20_8000, available: 2 << 20)),
            (SyntheticBzImage(), 1 << 20, .largerThanMemory(needed: 0x20_8000, available: 1 << 20)),
            (
                SyntheticBzImage(isRelocatable: false), 16 << 20,
                .largerThanMemory(needed: 0x100_8000, available: 16 << 20)
            ),
            (
                SyntheticBzImage(initializationSize: .max), 6 << 30,
                .largerThanMemory(needed: 0x1_001F_FFFF, available: 3 << 30)
            ),
            (
                SyntheticBzImage(preferredAddress: .max, isRelocatable: false), 16 << 20,
                .largerThanMemory(needed: .max, available: 16 << 20)
            ),
            (
                SyntheticBzImage(preferredAddress: 0xF_F000, isRelocatable: false), 16 << 20,
                .belowOneMegabyte(0xF_F000)
            ),
        ] as [(SyntheticBzImage, UInt64, KernelError)])
    func refusesWhatDoesNotFit(image: SyntheticBzImage, memory: UInt64, error: KernelError) throws {
        #expect(try loadError(image.bytes, into: makeMemory(memory)) == error)
    }

    // MARK: Truncation

    /// The setup ends at 0x400 and the payload at 0x3410.
    @Test(
        arguments: [
            (0x206, .setupHeader, 0x264), (0x207, .setupHeader, 0x264), (0x263, .setupHeader, 0x264),
            (0x264, .setupHeader, 0x26C), (0x26B, .setupHeader, 0x26C), (0x26C, .compressedKernel, 0x3410),
            (0x3FF, .compressedKernel, 0x3410), (0x400, .compressedKernel, 0x3410), (0x601, .compressedKernel, 0x3410),
            (0x340F, .compressedKernel, 0x3410),
        ] as [(Int, KernelError.Part, UInt64)])
    func saysWhereTheFileEnds(length: Int, part: KernelError.Part, needed: UInt64) throws {
        let bytes = [UInt8](SyntheticBzImage().bytes.prefix(length))
        #expect(try openError(bytes) == .truncated(part, size: UInt64(length), needed: needed))
    }

    @Test(arguments: [2, 0x1F1, 0x1FF, 0x205])
    func recognisesItsFirstBytesByTheEFIStub(length: Int) throws {
        let bytes = [UInt8](SyntheticBzImage().bytes.setting(UInt16(0x5A4D), at: 0).prefix(length))
        #expect(try openError(bytes) == .truncated(.setupHeader, size: UInt64(length), needed: 0x264))
    }

    @Test func refusesEveryShorterFile() throws {
        let bytes = SyntheticBzImage(payload: pattern(0x210)).bytes
        #expect(bytes.count == 0x610)
        #expect(try (0..<0x610).allSatisfy { try openError([UInt8](bytes.prefix($0))) != nil })
        #expect(try openError(bytes) == nil)
    }

    @Test func refusesAPayloadThatEndsBeforeItsEntry() throws {
        let bytes = SyntheticBzImage(payload: pattern(0x200)).bytes
        #expect(try openError(bytes) == .truncated(.compressedKernel, size: 0x600, needed: 0x601))
    }

    // MARK: Contents

    @Test(
        arguments: [
            (SyntheticBzImage().bytes.setting(UInt16(0x206), at: 0x206), .protocolTooOld(0x206)),
            (SyntheticBzImage().bytes.setting(UInt16(0x20B), at: 0x206), .protocolTooOld(0x20B)),
            (SyntheticBzImage().bytes.setting(UInt16(0xFFFE), at: 0x236), .no64BitEntry),
            (SyntheticBzImage().bytes.setting(UInt8(0xFE), at: 0x211), .unsupported(.zImage)),
            (SyntheticBzImage().bytes.setting(UInt16(0), at: 0x1FE), .unsupported(.unknown)),
            (SyntheticBzImage().bytes.setting(UInt8(0x61), at: 0x201), .malformed(.setupHeaderLength)),
            (SyntheticBzImage(alignment: 0).bytes, .malformed(.kernelAlignment)),
            (SyntheticBzImage(alignment: 0x800).bytes, .malformed(.kernelAlignment)),
            (SyntheticBzImage(alignment: 0x30_0000).bytes, .malformed(.kernelAlignment)),
            (
                SyntheticBzImage().bytes.setting(UInt32.max, at: 0x1F4),
                .truncated(.compressedKernel, size: 0x3410, needed: 0xF_FFFF_FFF0 + 0x400)
            ),
            (
                SyntheticBzImage().bytes.setting(UInt32(0), at: 0x1F4),
                .truncated(.compressedKernel, size: 0x3410, needed: 0x601)
            ),
        ] as [([UInt8], KernelError)])
    func refusesHeadersThatMakeNoKernel(bytes: [UInt8], error: KernelError) throws {
        #expect(try openError(bytes) == error)
    }
}
