// Files that people take for a kernel, told apart so that the error says what to do.

/// A recognised format that Apus does not start, or none.
public enum ForeignFormat: Equatable, Sendable {
    case elfRelocatable, elfSharedObject, elfProgram, elfOther
    /// A PE program without Linux's setup header.
    case efiProgram
    /// Linux's oldest format, loaded below 640 KiB.
    case zImage
    case gzip, xz, zstd, lz4, bzip2
    case cpio
    case uImage, deviceTree
    case arm64Image, riscvImage
    case unknown

    /// Tells by the first bytes of a file that is neither ELF nor has Linux's setup header.
    init(_ bytes: [UInt8]) {
        if bytes.starts(with: [0x1F, 0x8B]) {
            self = .gzip
        } else if bytes.starts(with: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]) {
            self = .xz
        } else if bytes.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) {
            self = .zstd
        } else if bytes.starts(with: [0x04, 0x22, 0x4D, 0x18]) || bytes.starts(with: [0x02, 0x21, 0x4C, 0x18]) {
            self = .lz4
        } else if bytes.has("BZh", at: 0) {
            self = .bzip2
        } else if bytes.has("07070", at: 0) {
            self = .cpio
        } else if bytes.starts(with: [0x27, 0x05, 0x19, 0x56]) {
            self = .uImage
        } else if bytes.starts(with: [0xD0, 0x0D, 0xFE, 0xED]) {
            self = .deviceTree
        } else if bytes.has("ARMd", at: 0x38) {
            self = .arm64Image
        } else if bytes.has("RISCV", at: 0x30) {
            self = .riscvImage
        } else if bytes.has("MZ", at: 0) {
            self = .efiProgram
        } else {
            self = .unknown
        }
    }

    var explanation: String {
        switch self {
        case .elfRelocatable: return "is an unlinked ELF object; name the linked vmlinux"
        case .elfSharedObject: return "is an ELF shared object or a user program; name a vmlinux or bzImage file"
        case .elfProgram: return "is a user program for Linux, not a kernel; name a vmlinux or bzImage file"
        case .elfOther: return "is an ELF file, but not an executable one; name a vmlinux or bzImage file"
        case .efiProgram: return "is an EFI program without Linux's boot header; name the vmlinux or bzImage inside"
        case .zImage: return "is a zImage, loaded low; build a bzImage"
        case .gzip: return "is compressed with gzip; decompress it first (gunzip)"
        case .xz: return "is compressed with xz; decompress it first (unxz)"
        case .zstd: return "is compressed with zstd; decompress it first (unzstd)"
        case .lz4: return "is compressed with lz4; decompress it first (unlz4)"
        case .bzip2: return "is compressed with bzip2; decompress it first (bunzip2)"
        case .cpio: return "is a cpio archive; is it the initrd? give that with --initrd"
        case .uImage: return "is a U-Boot uImage; name a vmlinux or bzImage file"
        case .deviceTree: return "is a device tree or FIT image; name a vmlinux or bzImage file"
        case .arm64Image: return "is an Image for arm64; build a kernel for x86-64"
        case .riscvImage: return "is an Image for RISC-V; build a kernel for x86-64"
        case .unknown: return "is no kernel that Apus knows; name a vmlinux (ELF) or bzImage file"
        }
    }
}
