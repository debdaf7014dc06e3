// The two ways a command fails, and the one line on stderr that tells of it.

import Glibc

/// The command line is wrong: exit status 2.
struct UsageError: Error, Equatable, CustomStringConvertible {
    /// What is wrong, naming the option.
    let description: String

    init(_ message: String) { description = message }
}

/// Anything else: exit status 1.
struct Failure: Error, Equatable, CustomStringConvertible {
    /// What failed, and what the reader can do about it.
    let description: String

    init(_ message: String) { description = message }
}

/// Exit statuses that `apus` itself decides; what a guest's end means is the monitor's to say.
enum ExitStatus {
    static let failure: Int32 = 1
    static let usage: Int32 = 2
}

/// Ends the process as `error` says, with one line on stderr.
///
/// - Parameter verb: the subcommand whose help a wrong usage points to.
func end(with error: any Error, verb: String?) -> Never {
    switch error {
    case let usage as UsageError:
        let command = verb.map { "apus \($0)" } ?? "apus"
        end(ExitStatus.usage, "\(usage) (see '\(command) --help')")
    default:
        end(ExitStatus.failure, "\(error)")
    }
}

/// Ends the process with `apus: MESSAGE` on stderr.
private func end(_ status: Int32, _ message: String) -> Never {
    // Where even stderr cannot be written, the exit status still tells.
    _ = write(singleLine("apus: \(message)") + "\n", to: STDERR_FILENO)
    exit(status)
}

/// `text` with every control character shown as a space or an escape, so that a file name with a
/// line feed in it cannot make two lines of one, nor drive the terminal.
func singleLine(_ text: String) -> String {
    var line = ""
    for scalar in text.unicodeScalars {
        switch scalar.value {
        case 0x0A: line += " "
        case 0..<0x20, 0x7F..<0xA0: line += scalar.escaped(asASCII: true)
        default: line.unicodeScalars.append(scalar)
        }
    }
    return line
}

/// Writes all of `text`; returns the errno of a failed write, else 0.
func write(_ text: String, to descriptor: Int32) -> Int32 {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
        // SAFETY: the bytes are the slice's own and stay in place during the call.
        let count = unsafe rest.withUnsafeBytes { bytes in
            unsafe Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        }
        if count >= 0 {
            rest = rest.dropFirst(count)
        } else if errno != EINTR {
            return errno
        }
    }
    return 0
}

/// Writes a command's result on stdout. A result that cannot be delivered is a failed command.
func writeResult(_ text: String) throws(Failure) {
    let code = write(text, to: STDOUT_FILENO)
    if code != 0 { throw Failure("cannot write to stdout: \(errorText(code)); redirect it to where there is room") }
}

/// The system's words for an errno.
func errorText(_ code: Int32) -> String {
    // SAFETY: strerror returns a NUL-terminated text, copied at once; this process has one thread.
    unsafe String(cString: strerror(code))
}
