// A flat ROM that ends at 4 GiB, for machines that start at the reset vector instead of in a kernel.

public import GuestMemory

/// What is wrong with a firmware file.
public enum FirmwareError: Error, Equatable {
    /// Not a matter of its contents.
    case file(BootFileError)
    /// Both in bytes.
    case tooLarge(size: UInt64, limit: UInt64)
    /// Not a multiple of 4096 bytes.
    case notWholePages(size: UInt64)

    /// One line for the person who named the file `path`.
    public func message(path: String) -> String { "firmware \(path): \(explanation)" }

    private var explanation: String {
        switch self {
        case .file(let error): return error.message
        case .tooLarge(let size, let limit):
            return "has \(size) bytes; a ROM has at most \(limit)"
        case .notWholePages(let size):
            return "has \(size) bytes; a flat ROM is a multiple of 4096 (pad it at its start)"
        }
    }
}

/// A firmware file of a size that can be mapped.
public struct FirmwareImage: ~Copyable {
    private let file: BootFile
    /// In bytes, a multiple of 4096.
    public var count: UInt64 { file.size }

    /// Where the ROM goes; the machine's memory needs a region of just this place and size.
    public var start: GuestAddress { Layout.firmwareStart(count: count) }

    public static func open(_ path: String) throws(FirmwareError) -> FirmwareImage {
        let file: BootFile
        do throws(BootFileError) { file = try .open(path) } catch { throw .file(error) }
        guard file.size <= Layout.maximumFirmwareSize else {
            throw .tooLarge(size: file.size, limit: Layout.maximumFirmwareSize)
        }
        guard file.size % 4096 == 0 else { throw .notWholePages(size: file.size) }
        return FirmwareImage(file: file)
    }

    /// Lays the ROM into `memory`, which has a region for it.
    public borrowing func load(
        into memory: GuestMemory, strategy: LoadStrategy = .map
    ) throws(FirmwareError) {
        do throws(BootFileError) {
            try file.load(offset: 0, count: count, into: memory, at: start, strategy: strategy)
        } catch { throw .file(error) }
    }
}
