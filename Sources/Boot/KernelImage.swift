// A Linux kernel, from its file to guest memory.

public import GuestMemory

/// A kernel file whose headers were read and found good.
public struct KernelImage: ~Copyable {
    /// The formats that have a 64-bit entry.
    public enum Format: Equatable, Sendable {
        /// ELF64 for x86-64, as `vmlinux` is.
        case elf
        /// Linux's own compressed format (Documentation/arch/x86/boot.rst).
        case bzImage
    }

    fileprivate enum Headers {
        case elf(ELFKernel)
        case bzImage(BzImage)
    }

    private let file: BootFile
    private let headers: Headers

    public var format: Format {
        switch headers {
        case .elf: return .elf
        case .bzImage: return .bzImage
        }
    }

    /// Opens `path` and checks everything that its headers say, without any guest memory.
    public static func open(_ path: String) throws(KernelError) -> KernelImage {
        let file: BootFile
        do throws(BootFileError) { file = try .open(path) } catch { throw .file(error) }
        let headers = try Headers(file)
        return KernelImage(file: file, headers: headers)
    }

    /// Lays the kernel into `memory`, which is fresh: nothing is written where it has zeroes (.bss).
    public borrowing func load(
        into memory: GuestMemory, strategy: LoadStrategy = .map
    ) throws(KernelError) -> LoadedKernel {
        switch headers {
        case .elf(let kernel): return try kernel.load(file, into: memory, strategy: strategy)
        case .bzImage(let kernel): return try kernel.load(file, into: memory, strategy: strategy)
        }
    }
}

extension KernelImage.Headers {
    init(_ file: borrowing BootFile) throws(KernelError) {
        let start: [UInt8]
        do throws(BootFileError) {
            // One page holds the setup header, and of an ELF file almost always the program headers too.
            start = try file.read(count: Int(min(file.size, 4096)), at: 0)
        } catch { throw .file(error) }
        if start.has("\u{7F}ELF", at: 0) {
            self = .elf(try ELFKernel(start, file))
        } else if BzImage.isRecognised(start) {
            self = .bzImage(try BzImage(start, size: file.size))
        } else {
            throw .unsupported(ForeignFormat(start))
        }
    }
}

/// A kernel that is in guest memory, and what the rest of the boot needs to know of it.
public struct LoadedKernel: Equatable, Sendable {
    /// Where long mode starts, with the zero page's address in RSI.
    public let entry: GuestAddress
    /// The lowest address that the kernel needs for itself until it knows its memory map.
    public let start: GuestAddress
    /// First byte past the same.
    public let end: GuestAddress
    /// The setup header from offset 0x1F1 on; of an ELF kernel, one that says what Linux wants to read there.
    public let setupHeader: [UInt8]
    /// First byte past where the initrd may lie.
    public let initrdLimit: UInt64
    /// The longest command line without its NUL, in bytes.
    public let commandLineLimit: Int
}
