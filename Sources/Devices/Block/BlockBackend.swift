// Where a disk's sectors are: a regular file or a block device of the host.

public import GuestMemory
public import Host

/// Why a disk cannot be used.
public enum BlockBackendError: Error, Equatable {
    case missing
    case permissionDenied
    case directory
    /// Neither a regular file nor a block device.
    case notStorage
    case empty
    /// The size in bytes, which is no multiple of 512.
    case unalignedSize(UInt64)
    /// Another process writes it, or reads it while this one wants to write; its id where /proc tells.
    case locked(by: Int32?)
    case host(Errno)
}

/// An open, locked disk image. Its methods are called on the device's thread.
///
/// A class to inherit from, so that a test can watch or spoil the calls.
open class BlockBackend {
    /// Bytes in a sector, the unit of every address and length of virtio-blk whatever the block size (5.2.4).
    public static var sectorSize: UInt64 { 512 }

    /// In sectors, as it was when the disk was opened.
    public let sectorCount: UInt64
    public let isReadOnly: Bool
    private let file: FileDescriptor

    /// Opens the disk at `path` and locks it until this object goes: for itself to write, or with others to read.
    public init(path: String, readOnly: Bool) throws(BlockBackendError) {
        let file = try BlockBackend.open(path, readOnly: readOnly)
        sectorCount = try BlockBackend.validatedSize(of: file) / BlockBackend.sectorSize
        let isLocked: Bool
        do throws(Errno) { isLocked = try file.tryLock(exclusive: !readOnly) } catch { throw .host(error) }
        guard isLocked else { throw .locked(by: file.lockHolder()) }
        self.file = file
        isReadOnly = readOnly
    }

    /// Without waiting: a named pipe that nobody writes would hold the monitor up before it can be refused.
    private static func open(_ path: String, readOnly: Bool) throws(BlockBackendError) -> FileDescriptor {
        do throws(Errno) {
            return try .open(path, readOnly ? .readOnly : .readWrite, waiting: false)
        } catch { throw explain(error) }
    }

    private static func validatedSize(of file: borrowing FileDescriptor) throws(BlockBackendError) -> UInt64 {
        let status: FileStatus
        do throws(Errno) { status = try file.status() } catch { throw explain(error) }
        switch status.kind {
        case .regular, .blockDevice: break
        case .directory: throw .directory
        case .other: throw .notStorage
        }
        guard status.size > 0 else { throw .empty }
        guard status.size % sectorSize == 0 else { throw .unalignedSize(status.size) }
        return status.size
    }

    private static func explain(_ error: Errno) -> BlockBackendError {
        switch error {
        case .noSuchFile: .missing
        case .permissionDenied, .notPermitted: .permissionDenied
        case .isDirectory: .directory
        case .noSuchDeviceOrAddress: .notStorage
        default: .host(error)
        }
    }

    /// Fills `vector` from `offset` (bytes). Returns the bytes read: fewer where the file has shrunk.
    open func read(into vector: inout GuestIOVector, at offset: UInt64) throws(Errno) -> UInt64 {
        try vector.readAll(from: file, at: offset)
    }

    /// Writes `vector` at `offset` (bytes). Returns the bytes written.
    open func write(from vector: inout GuestIOVector, at offset: UInt64) throws(Errno) -> UInt64 {
        try checkReaches(offset, vector.count)
        return try vector.writeAll(to: file, at: offset)
    }

    /// Returns when everything written before is durable.
    open func flush() throws(Errno) { try file.synchronizeData() }

    /// Gives the range's space back to the host.
    open func discard(at offset: UInt64, length: UInt64) throws(Errno) {
        try checkReaches(offset, length)
        try file.punchHole(at: offset, length: length)
    }

    /// Makes the range read as zeroes; `keepingSpace` leaves it allocated.
    open func writeZeroes(at offset: UInt64, length: UInt64, keepingSpace: Bool) throws(Errno) {
        try checkReaches(offset, length)
        do throws(Errno) {
            if keepingSpace {
                try file.zeroRange(at: offset, length: length)
            } else {
                try file.punchHole(at: offset, length: length)
            }
        } catch {
            // A block device with larger sectors takes only ranges of its own.
            guard error == .notSupported || error == .invalidArgument else { throw error }
            try file.writeZeroes(at: offset, length: length)
        }
    }

    /// A file that shrank must not grow back with a hole where data was: the guest is to see an I/O error.
    private func checkReaches(_ offset: UInt64, _ length: UInt64) throws(Errno) {
        guard try file.status().size >= offset + length else { throw .inputOutput }
    }
}
