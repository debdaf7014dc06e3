// Lines for the person who started the program.

/// A standard stream that is written at once and unbuffered: the monitor's end flushes nothing.
public enum StandardStream: Int32, Sendable {
    case output = 1
    case error = 2

    /// Writes `line` and a line feed. Where nobody listens any more the line is lost; the exit status still tells.
    public func write(_ line: String) {
        do throws(Errno) {
            try FileDescriptor.duplicate(rawValue).writeAll(Array((line + "\n").utf8))
        } catch {}
    }
}
