import GuestMemory
import Testing

@testable import Boot

@Suite struct InitrdTests {
    private func loadInitrd(
        _ count: Int, memory: GuestMemory, kernel: LoadedKernel = someKernel, strategy: LoadStrategy = .map
    ) throws -> LoadedInitrd {
        let file = try TemporaryFile(pattern(count))
        return try Initrd.open(file.path).load(into: memory, above: kernel, strategy: strategy)
    }

    private func kernel(end: UInt64 = 0x110_0000, limit: UInt64) -> LoadedKernel {
        LoadedKernel(
            entry: someKernel.entry, start: someKernel.start, end: GuestAddress(end),
            setupHeader: someKernel.setupHeader, initrdLimit: limit, commandLineLimit: 2047)
    }

    @Test(arguments: [1, 0xFFF, 0x1000, 0x1001, 0x12345], [LoadStrategy.map, .copy])
    func liesAtTheTopOnAPageBoundary(count: Int, strategy: LoadStrategy) throws {
        let memory = try makeMemory(32 << 20)
        let initrd = try loadInitrd(count, memory: memory, strategy: strategy)
        let pages = UInt64(count + 4095) & ~4095
        #expect(initrd == LoadedInitrd(start: GuestAddress((32 << 20) - pages), count: UInt64(count)))
        let loaded = try memory.readBytes(at: initrd.start, count: Int(pages))
        #expect(loaded == pattern(count) + [UInt8](repeating: 0, count: Int(pages) - count))
    }

    /// RAM, the kernel's limit, and where one page of initrd then lies.
    @Test(
        arguments: [
            (6 << 30, 0xC000_0000, 0xBFFF_F000), (6 << 30, 0x8000_0000, 0x7FFF_F000),
            (6 << 30, 0x1_0000_0000, 0xBFFF_F000), (32 << 20, 0x180_0FFF, 0x17F_F000),
        ] as [(UInt64, UInt64, UInt64)])
    func staysBelowTheHoleAndTheKernelsLimit(memory: UInt64, limit: UInt64, start: UInt64) throws {
        let initrd = try loadInitrd(1, memory: makeMemory(memory), kernel: kernel(limit: limit))
        #expect(initrd.start == GuestAddress(start))
    }

    @Test func mayFillAllThatTheKernelLeaves() throws {
        let initrd = try loadInitrd(
            0x2000, memory: makeMemory(0x110_3000), kernel: kernel(end: 0x110_0001, limit: .max))
        #expect(initrd.start == GuestAddress(0x110_1000))
    }

    @Test(
        arguments: [(0x110_3000, 0x110_0001), (0x110_2000, 0x110_0000), (0x110_0000, 0x110_0000)] as [(UInt64, UInt64)])
    func refusesToOverlapTheKernel(memory: UInt64, end: UInt64) throws {
        let available = memory - (end + 4095) & ~4095
        #expect(throws: InitrdError.tooLarge(size: 0x2001, available: available)) {
            try loadInitrd(0x2001, memory: makeMemory(memory), kernel: kernel(end: end, limit: .max))
        }
    }

    @Test(arguments: [0, 1, 0x100_0000] as [UInt64])
    func refusesALimitBelowTheKernel(limit: UInt64) throws {
        #expect(throws: InitrdError.tooLarge(size: 1, available: 0)) {
            try loadInitrd(1, memory: makeMemory(32 << 20), kernel: kernel(limit: limit))
        }
    }

    @Test func refusesWhatIsNoFileWithContents() throws {
        let empty = try TemporaryFile([])
        #expect(throws: InitrdError.file(.missing)) { _ = try Initrd.open("/nonexistent/initrd") }
        #expect(throws: InitrdError.file(.isDirectory)) { _ = try Initrd.open("/") }
        #expect(throws: InitrdError.file(.notRegularFile)) { _ = try Initrd.open("/dev/null") }
        #expect(throws: InitrdError.file(.empty)) { _ = try Initrd.open(empty.path) }
    }

    @Test(arguments: [LoadStrategy.map, .copy])
    func noticesThatTheFileShrank(strategy: LoadStrategy) throws {
        let file = try TemporaryFile(pattern(0x1800))
        let initrd = try Initrd.open(file.path)
        try file.truncate(to: 0x400)
        #expect(throws: InitrdError.file(.shrank)) {
            try initrd.load(into: makeMemory(32 << 20), above: someKernel, strategy: strategy)
        }
    }

    @Test(arguments: [.file(.missing), .tooLarge(size: 5, available: 3)] as [InitrdError])
    func everyMessageIsOneLineThatNamesTheFile(error: InitrdError) {
        #expect(error.message(path: "/i").hasPrefix("initrd /i: "))
        #expect(!error.message(path: "/i").contains("\n"))
    }
}
