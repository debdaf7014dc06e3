import Host
import Testing

@testable import Boot

@Suite struct KernelImageTests {
    @Test func saysThatAFileIsMissing() {
        #expect(throws: KernelError.file(.missing)) { _ = try KernelImage.open("/nonexistent/vmlinux") }
    }

    @Test func saysWhyAFileCannotBeOpened() throws {
        let file = try TemporaryFile([1])
        #expect(throws: KernelError.file(.unreadable(Errno(rawValue: 20)))) {  // ENOTDIR
            _ = try KernelImage.open(file.path + "/vmlinux")
        }
    }

    @Test func refusesDirectories() {
        #expect(throws: KernelError.file(.isDirectory)) { _ = try KernelImage.open("/") }
    }

    @Test func refusesDevices() {
        #expect(throws: KernelError.file(.notRegularFile)) { _ = try KernelImage.open("/dev/null") }
    }

    @Test func refusesEmptyFiles() throws {
        #expect(try openError([]) == .file(.empty))
    }

    @Test func tellsTheFormatsApart() throws {
        let elf = try TemporaryFile(SyntheticELF.small.bytes)
        let bzImage = try TemporaryFile(SyntheticBzImage().bytes)
        #expect(try KernelImage.open(elf.path).format == .elf)
        #expect(try KernelImage.open(bzImage.path).format == .bzImage)
    }

    @Test(
        arguments: [
            ([0x1F, 0x8B, 8], .gzip), ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], .xz), ([0x28, 0xB5, 0x2F, 0xFD], .zstd),
            ([0x04, 0x22, 0x4D, 0x18], .lz4), ([0x02, 0x21, 0x4C, 0x18], .lz4), ([UInt8]("BZh9".utf8), .bzip2),
            ([UInt8]("070701".utf8), .cpio), ([0x27, 0x05, 0x19, 0x56], .uImage),
            ([0xD0, 0x0D, 0xFE, 0xED], .deviceTree),
            ([UInt8](repeating: 0, count: 0x38) + [UInt8]("ARMd".utf8), .arm64Image),
            ([UInt8](repeating: 0, count: 0x30) + [UInt8]("RISCV".utf8), .riscvImage),
            ([0x4D, 0x5A] + [UInt8](repeating: 0, count: 0x300), .efiProgram),
            ([UInt8]("#!/bin/sh".utf8), .unknown), ([0x7F], .unknown), ([0], .unknown),
        ] as [([UInt8], ForeignFormat)])
    func namesWhatIsNoKernel(bytes: [UInt8], format: ForeignFormat) throws {
        #expect(try openError(bytes) == .unsupported(format))
    }

    @Test(
        arguments: [
            .file(.missing), .file(.unreadable(.permissionDenied)), .file(.isDirectory), .file(.notRegularFile),
            .file(.empty), .file(.shrank), .file(.memory(.host(.noMemory))),
            .truncated(.elfHeader, size: 1, needed: 64), .truncated(.segment(3), size: 1, needed: .max),
            .truncated(.programHeaders, size: 1, needed: 2), .truncated(.setupHeader, size: 1, needed: 2),
            .truncated(.compressedKernel, size: 1, needed: 2), .is32Bit, .notX86(machine: 183), .noLoadableSegments,
            .entryOutsideSegments(.max), .overlappingSegments, .belowOneMegabyte(0), .protocolTooOld(0x206),
            .no64BitEntry, .largerThanMemory(needed: .max, available: 1 << 20), .malformed(.segmentSize),
            .malformed(.kernelAlignment), .unsupported(.zImage), .unsupported(.gzip), .unsupported(.unknown),
        ] as [KernelError])
    func everyMessageIsOneLineThatNamesTheFile(error: KernelError) {
        let message = error.message(path: "/k")
        #expect(message.hasPrefix("kernel /k: "))
        #expect(!message.contains("\n"))
        // What is wrong, then what to do about it.
        #expect(message.contains(";"))
    }

    @Test func messagesCarryTheirNumbers() {
        let error = KernelError.largerThanMemory(needed: (64 << 20) + 1, available: 32 << 20)
        let message = error.message(path: "k")
        #expect(message.contains("up to 65 MiB and the guest's ends at 32 MiB"))
        #expect(KernelError.protocolTooOld(0x0206).message(path: "k").contains("2.6"))
        #expect(KernelError.belowOneMegabyte(0x7C00).message(path: "k").contains("0x7c00"))
    }
}
