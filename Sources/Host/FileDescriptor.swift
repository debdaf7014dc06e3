// An owned file descriptor: closed exactly once, when its owner goes.

internal import CShims

/// A file descriptor with one owner.
public struct FileDescriptor: ~Copyable, Sendable {
    /// The number, for a call that borrows it.
    public let rawValue: Int32

    /// Takes ownership of an open descriptor.
    public init(owning rawValue: Int32) { self.rawValue = rawValue }

    deinit {
        // EBADF means that somebody else closed what this value owns, and that the number may by now be another
        // file's: the one error of close(2) that has to stop the program.
        precondition(apus_close(rawValue) != -Int(EBADF), "file descriptor closed twice")
    }

    /// How a file is opened.
    public enum Access: Sendable {
        case readOnly, readWrite
        /// Created, or emptied if it exists, with permission bits 0o644.
        case replace
    }

    /// Opens `path`, close-on-exec.
    /// - Parameter waiting: false to open a named pipe that has no peer at once, and to leave what is opened nonblocking.
    public static func open(_ path: String, _ access: Access, waiting: Bool = true) throws(Errno) -> FileDescriptor {
        let flags: Int32 =
            switch access {
            case .readOnly: O_RDONLY
            case .readWrite: O_RDWR
            case .replace: O_WRONLY | O_CREAT | O_TRUNC
            }
        let waitFlag = waiting ? 0 : O_NONBLOCK
        // SAFETY: the C string lives for the call.
        let result = unsafe path.withCString { unsafe apus_open($0, flags | waitFlag | O_NOCTTY, 0o644) }
        return FileDescriptor(owning: Int32(try checked(result)))
    }

    /// A second descriptor, close-on-exec, of the same open file description as `rawValue`.
    public static func duplicate(_ rawValue: Int32) throws(Errno) -> FileDescriptor {
        FileDescriptor(owning: Int32(try checked(apus_duplicate(rawValue))))
    }
}
