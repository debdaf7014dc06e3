import GuestMemory
import Testing

@testable import Boot

@Suite struct KernelCommandLineTests {
    private let memory: GuestMemory

    init() throws { memory = try makeMemory(2 << 20) }

    private func kernel(limit: Int) -> LoadedKernel {
        LoadedKernel(
            entry: someKernel.entry, start: someKernel.start, end: someKernel.end, setupHeader: [],
            initrdLimit: 0, commandLineLimit: limit)
    }

    @Test func joinsPartsWithOneSpace() {
        var line = KernelCommandLine()
        line.append("console=hvc0 quiet")
        line.append("")
        line.append([UInt8]("-- sh".utf8))
        #expect(line.text == "console=hvc0 quiet -- sh")
    }

    @Test func tellsLinuxOfVirtioDevices() {
        var line = KernelCommandLine()
        let added = [0, 1, 16].map { line.appendVirtioDevice($0) }
        #expect(added == [true, true, true])
        #expect(
            line.text
                == "virtio_mmio.device=4K@0xd0000000:5 virtio_mmio.device=4K@0xd0001000:6 "
                + "virtio_mmio.device=4K@0xd0010000:23")
    }

    @Test(arguments: [-1, 17])
    func tellsOfNoDeviceThatHasNoPlace(index: Int) {
        var line = KernelCommandLine()
        let added = line.appendVirtioDevice(index)
        #expect(!added)
        #expect(line.text == "")
    }

    @Test func endsInMemoryWithNUL() throws {
        try memory.fill(0xFF, at: Layout.commandLine, count: 16)
        var line = KernelCommandLine()
        line.append("quiet")
        try line.write(to: memory, for: someKernel)
        #expect(try memory.readBytes(at: Layout.commandLine, count: 7) == [UInt8]("quiet".utf8) + [0, 0xFF])
    }

    @Test func anEmptyOneIsANUL() throws {
        try memory.fill(0xFF, at: Layout.commandLine, count: 16)
        try KernelCommandLine().write(to: memory, for: someKernel)
        #expect(try memory.readBytes(at: Layout.commandLine, count: 2) == [0, 0xFF])
    }

    /// A kernel's limit, and the one that holds.
    @Test(arguments: [(2047, 2047), (0, 0), (65535, 65535), (65536, 65535), (0xFFFF_FFFF, 65535)])
    func isAsLongAsKernelAndPlaceAllow(limit: Int, effective: Int) throws {
        var line = KernelCommandLine()
        line.append([UInt8](repeating: UInt8(ascii: "a"), count: effective))
        try line.write(to: memory, for: kernel(limit: limit))
        let end = GuestAddress(Layout.commandLine.rawValue + UInt64(effective))
        #expect(try memory.read(UInt8.self, at: end) == 0)

        var longer = KernelCommandLine()
        longer.append([UInt8](repeating: UInt8(ascii: "a"), count: effective + 1))
        #expect(throws: CommandLineError.tooLong(length: effective + 1, limit: effective)) {
            try longer.write(to: memory, for: kernel(limit: limit))
        }
    }

    @Test func refusesNULInside() {
        var line = KernelCommandLine()
        line.append([0x61, 0, 0x62])
        #expect(throws: CommandLineError.containsNUL) { try line.write(to: memory, for: someKernel) }
    }

    @Test(
        arguments: [
            .tooLong(length: 3000, limit: 2047), .containsNUL, .memory(.misaligned(GuestAddress(0))),
        ] as [CommandLineError])
    func everyMessageIsOneLine(error: CommandLineError) {
        #expect(error.message.hasPrefix("kernel command line: "))
        #expect(!error.message.contains("\n"))
    }
}
