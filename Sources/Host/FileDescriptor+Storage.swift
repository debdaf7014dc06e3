// What a disk image needs of the host: its kind and size, a lock, durability, holes.

internal import CShims

/// What fstat(2) says of a file.
public struct FileStatus: Sendable {
    public enum Kind: Sendable { case regular, directory, blockDevice, other }

    public let kind: Kind
    /// In bytes; of a block device its capacity.
    public let size: UInt64
}

extension FileDescriptor {
    public borrowing func status() throws(Errno) -> FileStatus {
        var mode: UInt32 = 0
        var size: UInt64 = 0
        // SAFETY: both are written through a pointer that lives for the call.
        try unsafe checked(apus_status(rawValue, &mode, &size))
        switch mode & UInt32(S_IFMT) {
        case UInt32(S_IFREG): return FileStatus(kind: .regular, size: size)
        case UInt32(S_IFDIR): return FileStatus(kind: .directory, size: size)
        case UInt32(S_IFBLK):
            // SAFETY: as above.
            try unsafe checked(apus_block_device_size(rawValue, &size))
            return FileStatus(kind: .blockDevice, size: size)
        default: return FileStatus(kind: .other, size: size)
        }
    }

    /// Tries to lock the whole file, shared or exclusive, until the last descriptor of this open file goes.
    /// Returns false where another process holds a lock that excludes this one.
    public borrowing func tryLock(exclusive: Bool) throws(Errno) -> Bool {
        let result = apus_lock(rawValue, Int16(exclusive ? F_WRLCK : F_RDLCK))
        if result == -Int(EAGAIN) || result == -Int(EACCES) { return false }
        try checked(result)
        return true
    }

    /// Makes written data durable (fdatasync(2)).
    public borrowing func synchronizeData() throws(Errno) {
        try checked(apus_data_sync(rawValue))
    }

    /// Gives the range's space back to the host; it reads as zeroes afterwards (fallocate(2), PUNCH_HOLE).
    public borrowing func punchHole(at offset: UInt64, length: UInt64) throws(Errno) {
        try checked(apus_allocate(rawValue, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length))
    }

    /// Zeroes the range and keeps its space allocated (fallocate(2), ZERO_RANGE).
    public borrowing func zeroRange(at offset: UInt64, length: UInt64) throws(Errno) {
        try checked(apus_allocate(rawValue, FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, offset, length))
    }

    /// Zeroes the range by writing it: for file systems that cannot do it otherwise.
    public borrowing func writeZeroes(at offset: UInt64, length: UInt64) throws(Errno) {
        let zeroes = [UInt8](repeating: 0, count: Int(min(length, 64 << 10)))
        var done: UInt64 = 0
        while done < length {
            let piece = Int(min(length - done, UInt64(zeroes.count)))
            // SAFETY: the kernel reads at most `piece` bytes of an array that holds as many.
            let result = unsafe zeroes.withUnsafeBytes { buffer in
                unsafe apus_pwrite(rawValue, buffer.baseAddress, piece, offset + done)
            }
            if result == -Int(EINTR) { continue }
            done += UInt64(try checked(result))
        }
    }
}
