// The initial RAM disk: a file at the top of low memory.

public import GuestMemory

/// What is wrong with an initrd.
public enum InitrdError: Error, Equatable {
    /// Not a matter of its contents.
    case file(BootFileError)
    /// `size` bytes do not fit between the kernel's end and the lower of RAM's end and the kernel's limit: `available`.
    case tooLarge(size: UInt64, available: UInt64)

    /// One line for the person who named the file `path`.
    public func message(path: String) -> String { "initrd \(path): \(explanation)" }

    private var explanation: String {
        switch self {
        case .file(let error): return error.message
        case .tooLarge(let size, let available):
            return "has \(size) bytes and \(available) are left above the kernel; give the guest more --memory"
        }
    }
}

/// Where an initrd lies in guest memory.
public struct LoadedInitrd: Equatable, Sendable {
    /// On a page boundary.
    public let start: GuestAddress
    /// In bytes, as the file has.
    public let count: UInt64
}

/// An initrd file that exists and is not empty.
public struct Initrd: ~Copyable {
    private let file: BootFile
    /// In bytes.
    public var count: UInt64 { file.size }

    public static func open(_ path: String) throws(InitrdError) -> Initrd {
        let file: BootFile
        do throws(BootFileError) { file = try .open(path) } catch { throw .file(error) }
        return Initrd(file: file)
    }

    /// Lays the file as high as RAM and kernel allow, out of the way of what the kernel allocates first.
    /// `memory` is fresh: the rest of the last page is taken to be zeroes.
    public borrowing func load(
        into memory: GuestMemory, above kernel: LoadedKernel, strategy: LoadStrategy = .map
    ) throws(InitrdError) -> LoadedInitrd {
        let top = min(memory.lowEnd, kernel.initrdLimit) & ~4095
        // The kernel lies in low RAM, far from where this could wrap.
        let bottom = (kernel.end.rawValue + 4095) & ~4095
        let available = top > bottom ? top - bottom : 0
        guard count <= available else { throw .tooLarge(size: count, available: available) }
        let start = GuestAddress((top - count) & ~4095)
        do throws(BootFileError) {
            try file.load(offset: 0, count: count, into: memory, at: start, strategy: strategy)
        } catch { throw .file(error) }
        return LoadedInitrd(start: start, count: count)
    }
}
