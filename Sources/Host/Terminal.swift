// The monitor's own terminal: raw while the guest has it, and as it was afterwards, whatever happens.

internal import CShims

/// A window's size in characters.
public struct WindowSize: Equatable, Sendable {
    public var columns: UInt16
    public var rows: UInt16

    public init(columns: UInt16, rows: UInt16) {
        self.columns = columns
        self.rows = rows
    }
}

public enum Terminal {
    /// The size of the terminal behind `descriptor`, or nil where it is none.
    public static func windowSize(of descriptor: Int32) -> WindowSize? {
        var size = WindowSize(columns: 0, rows: 0)
        // SAFETY: both fields are written through pointers that live for the call.
        let result = unsafe apus_window_size(descriptor, &size.columns, &size.rows)
        return result < 0 ? nil : size
    }
}

/// A terminal in raw mode. It comes back as it was when this value goes, and also when the process dies of anything,
/// SIGKILL included: a forked guardian waits for that.
public struct RawTerminal: ~Copyable {
    private let descriptor: Int32
    private let original: termios
    /// Its closing, by the kernel at the latest, tells the guardian that this process is gone.
    private let lifeline: FileDescriptor

    private init(_ descriptor: Int32, original: termios, lifeline: consuming FileDescriptor) {
        self.descriptor = descriptor
        self.original = original
        self.lifeline = lifeline
    }

    /// Makes the terminal behind `descriptor` raw. Call it before the process has a second thread: it forks.
    /// - Throws: `ENOTTY` where it is no terminal.
    public static func makeRaw(_ descriptor: Int32) throws(Errno) -> RawTerminal {
        var original = termios()
        // SAFETY: here and below, the structure is read or filled through a pointer that lives for the call.
        try unsafe checked(apus_terminal_attributes(descriptor, &original))
        var reader: Int32 = -1
        var writer: Int32 = -1
        try unsafe checked(apus_pipe(&reader, &writer))
        let watched = FileDescriptor(owning: reader)
        let terminal = RawTerminal(descriptor, original: original, lifeline: FileDescriptor(owning: writer))
        if try checked(apus_fork()) == 0 {
            guardTerminal(descriptor, original, watched: watched.rawValue, lifeline: writer)
        }
        var raw = original
        unsafe apus_make_raw(&raw)
        try unsafe checked(apus_set_terminal_attributes(descriptor, &raw))
        return terminal
    }

    deinit {
        var attributes = original
        // An error here has nobody left to go to.
        _ = unsafe apus_set_terminal_attributes(descriptor, &attributes)
        // The guardian must not set it back again later: by then it may be somebody else's.
        var done: UInt8 = 1
        _ = unsafe apus_write(lifeline.rawValue, &done, 1)
    }

    /// The guardian's whole life: wait until the monitor is gone, set the terminal back if it did not, end.
    private static func guardTerminal(
        _ descriptor: Int32, _ original: termios, watched: Int32, lifeline: Int32
    ) -> Never {
        // What ends the monitor must not end its guardian first; and a process that is no longer in the foreground
        // would be stopped by SIGTTOU for touching the terminal.
        for signal in [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTTOU, SIGTSTP] { apus_ignore_signal(signal) }
        _ = apus_close(lifeline)
        var done: UInt8 = 0
        // SAFETY: one byte is read into a local value.
        var count = unsafe apus_read(watched, &done, 1)
        while count == -Int(EINTR) { count = unsafe apus_read(watched, &done, 1) }
        if count == 0 {
            var attributes = original
            // SAFETY: as above.
            _ = unsafe apus_set_terminal_attributes(descriptor, &attributes)
        }
        _exit(0)
    }
}
