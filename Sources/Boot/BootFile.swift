// A file whose bytes become guest memory: kernel, initrd or firmware. The one place that decides between mapping
// and copying.

public import GuestMemory
public import Host

/// How the whole pages of a file get into guest memory.
public enum LoadStrategy: Sendable {
    /// Mapped copy-on-write from the page cache: nothing is copied, pages that the guest never writes are shared by
    /// all machines with the same kernel, and pages that it never touches cost nothing. The file must not shrink or
    /// change while the guest runs: replace it by renaming, as installers do.
    case map
    /// Read straight into guest memory. What memory shared with other processes needs: a private mapping over a
    /// memfd would be seen by this process alone.
    case copy
}

/// Why a file is not there to be loaded, whatever it holds.
public enum BootFileError: Error, Equatable {
    case missing
    case unreadable(Errno)
    case isDirectory
    case notRegularFile
    case empty
    /// It ended early, though it was long enough when it was opened.
    case shrank
    case memory(GuestMemoryError)

    /// What is wrong and what to do.
    public var message: String {
        switch self {
        case .missing: return "no such file; check the name"
        case .unreadable(let errno): return "cannot be read: \(errno.message); check its permissions and its disk"
        case .isDirectory: return "is a directory; name a file in it"
        case .notRegularFile: return "is not a regular file; write its contents to one and name that"
        case .empty: return "is empty; copy or build it again"
        case .shrank: return "became shorter while it was read; wait until it is written and try again"
        case .memory(.outOfRange(let address, _)), .memory(.misaligned(let address)):
            return "does not fit in guest memory at \(address.rawValue.hexadecimal); give the guest more --memory"
        case .memory(.host(let errno)): return "cannot be mapped: \(errno.message); free memory on the host"
        }
    }
}

/// An open regular file that is not empty.
struct BootFile: ~Copyable {
    private let descriptor: FileDescriptor
    /// In bytes, when it was opened.
    let size: UInt64

    /// Without waiting: a named pipe that nobody writes would hold the monitor up before it can be refused.
    static func open(_ path: String) throws(BootFileError) -> BootFile {
        let descriptor: FileDescriptor
        do throws(Errno) {
            descriptor = try .open(path, .readOnly, waiting: false)
        } catch { throw error == .noSuchFile ? .missing : .unreadable(error) }
        let status: FileStatus
        do throws(Errno) { status = try descriptor.status() } catch { throw .unreadable(error) }
        switch status.kind {
        case .regular: break
        case .directory: throw .isDirectory
        case .blockDevice, .other: throw .notRegularFile
        }
        guard status.size > 0 else { throw .empty }
        return BootFile(descriptor: descriptor, size: status.size)
    }

    /// Reads exactly `count` bytes at `offset`.
    borrowing func read(count: Int, at offset: UInt64) throws(BootFileError) -> [UInt8] {
        let bytes: [UInt8]
        do throws(Errno) {
            bytes = try descriptor.read(count: count, at: offset)
        } catch { throw .unreadable(error) }
        guard bytes.count == count else { throw .shrank }
        return bytes
    }

    /// Lays `count` bytes at `offset` of the file, which end inside it, over guest memory at `address`.
    ///
    /// Only the bytes themselves change: where the range begins or ends inside a page, that page's share is copied, so
    /// that neighbours may share the page and nothing has to be zeroed afterwards.
    borrowing func load(
        offset: UInt64, count: UInt64, into memory: GuestMemory, at address: GuestAddress, strategy: LoadStrategy
    ) throws(BootFileError) {
        guard memory.contains(address, count: count) else { throw .memory(.outOfRange(address, length: count)) }
        let end = address.rawValue + count
        let firstPage = (address.rawValue + 4095) & ~4095
        let lastPage = end & ~4095
        // mmap can only do this where file and memory agree on where pages begin.
        guard strategy == .map, offset % 4096 == address.rawValue % 4096, firstPage < lastPage else {
            return try copy(offset: offset, count: count, into: memory, at: address)
        }
        let head = firstPage - address.rawValue
        let middle = lastPage - firstPage
        try copy(offset: offset, count: head, into: memory, at: address)
        do throws(GuestMemoryError) {
            try memory.mapFile(descriptor, fileOffset: offset + head, at: GuestAddress(firstPage), count: middle)
        } catch { throw .memory(error) }
        try copy(offset: offset + head + middle, count: end - lastPage, into: memory, at: GuestAddress(lastPage))
    }

    /// Reads from the page cache into guest memory, without a buffer between.
    private borrowing func copy(
        offset: UInt64, count: UInt64, into memory: GuestMemory, at address: GuestAddress
    ) throws(BootFileError) {
        guard count > 0 else { return }
        var vector = GuestIOVector(memory)
        do throws(GuestMemoryError) {
            // A part's length has 32 bits.
            var appended: UInt64 = 0
            while appended < count {
                let part = min(count - appended, 1 << 30)
                try vector.append(GuestAddress(address.rawValue + appended), count: UInt32(part))
                appended += part
            }
        } catch { throw .memory(error) }
        let got: UInt64
        do throws(Errno) { got = try vector.readAll(from: descriptor, at: offset) } catch { throw .unreadable(error) }
        guard got == count else { throw .shrank }
    }
}
