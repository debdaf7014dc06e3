// The host's error numbers, thrown by everything that calls the kernel.

internal import CShims

/// An error number of the host (errno(3)).
public struct Errno: Error, Equatable, Sendable {
    public let rawValue: Int32

    @inline(__always)
    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static var notPermitted: Errno { Errno(rawValue: EPERM) }
    public static var noSuchFile: Errno { Errno(rawValue: ENOENT) }
    public static var interrupted: Errno { Errno(rawValue: EINTR) }
    public static var inputOutput: Errno { Errno(rawValue: EIO) }
    public static var badFileDescriptor: Errno { Errno(rawValue: EBADF) }
    public static var wouldBlock: Errno { Errno(rawValue: EAGAIN) }
    public static var noMemory: Errno { Errno(rawValue: ENOMEM) }
    public static var permissionDenied: Errno { Errno(rawValue: EACCES) }
    public static var noSuchDeviceOrAddress: Errno { Errno(rawValue: ENXIO) }
    public static var exists: Errno { Errno(rawValue: EEXIST) }
    public static var noSuchDevice: Errno { Errno(rawValue: ENODEV) }
    public static var isDirectory: Errno { Errno(rawValue: EISDIR) }
    public static var invalidArgument: Errno { Errno(rawValue: EINVAL) }
    public static var notTerminal: Errno { Errno(rawValue: ENOTTY) }
    public static var noSpace: Errno { Errno(rawValue: ENOSPC) }
    public static var brokenPipe: Errno { Errno(rawValue: EPIPE) }
    public static var notSupported: Errno { Errno(rawValue: EOPNOTSUPP) }

    /// The C library's words for it, as strerror(3) gives them.
    public var message: String {
        // SAFETY: strerror answers a NUL-terminated text that lives until this thread's next call.
        unsafe String(cString: apus_error_text(rawValue))
    }
}

/// Turns the answer of a C shim (a value, or -errno) into a value or a thrown error.
@inline(__always)
@discardableResult
public func checked(_ result: Int) throws(Errno) -> Int {
    if result < 0 { throw Errno(rawValue: Int32(truncatingIfNeeded: -result)) }
    return result
}
