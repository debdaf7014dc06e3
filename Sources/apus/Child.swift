// A short-lived run of the monitor as a child process, its output collected.

import Glibc

struct Child {
    enum End: Equatable {
        case exited(Int32)
        case signalled(Int32)
        /// It took too long, or would not stop printing.
        case killed
    }

    var file: ByteString
    var end: End
    var output: String
    var errors: String

    /// Runs the monitor with `arguments` and stdin empty until it closes its output and ends.
    ///
    /// - Parameter patience: milliseconds after which it is killed.
    static func run(arguments: [ByteString], patience: Int32) throws(Failure) -> Child {
        // SAFETY: opens a file by a name of this program's own.
        let nothing = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
        guard nothing >= 0 else { throw Failure("cannot open /dev/null: \(errorText(errno)); is /dev mounted?") }
        defer { close(nothing) }
        var output = try Pipe()
        var errors = try Pipe()
        var process: pid_t = 0
        var started: ByteString = ""
        try MonitorProgram.start { file in
            started = file
            return CStringVector(file: file, arguments: arguments)
                .spawn(&process, descriptors: [nothing, output.writing, errors.writing])
        }
        output.closeWriting()
        errors.closeWriting()
        let isFinished = Pipe.drain(&output, &errors, patience: patience)
        if !isFinished { kill(process, SIGKILL) }
        let end = wait(for: process)
        return Child(
            file: started, end: isFinished ? end : .killed,
            output: String(decoding: output.bytes, as: UTF8.self),
            errors: String(decoding: errors.bytes, as: UTF8.self))
    }

    private static func wait(for process: pid_t) -> End {
        var status: Int32 = 0
        // SAFETY: writes one Int32. The child is this process's own, so only a signal can interrupt the wait.
        while unsafe waitpid(process, &status, 0) < 0 && errno == EINTR {}
        // The macros of wait(2), which Swift does not import: WTERMSIG, WEXITSTATUS.
        let signal = status & 0x7F
        return signal == 0 ? .exited((status >> 8) & 0xFF) : .signalled(signal)
    }
}

/// One output of a child: both ends, and what came through.
struct Pipe: ~Copyable {
    private(set) var bytes: [UInt8] = []
    private var reading: Int32
    private(set) var writing: Int32

    init() throws(Failure) {
        var ends: [Int32] = [-1, -1]
        // SAFETY: pipe writes two descriptors, for which there is room.
        guard unsafe pipe(&ends) == 0 else {
            throw Failure("cannot make a pipe: \(errorText(errno)); is the limit of open files (ulimit -n) too low?")
        }
        // A child that held a copy of its own reading end would never see it close.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        reading = ends[0]
        writing = ends[1]
    }

    deinit {
        if reading >= 0 { close(reading) }
        if writing >= 0 { close(writing) }
    }

    mutating func closeWriting() {
        close(writing)
        writing = -1
    }

    /// Reads both until their writers are gone. False where `patience` milliseconds passed first, or one
    /// sent more than any answer needs.
    static func drain(_ first: inout Pipe, _ second: inout Pipe, patience: Int32) -> Bool {
        let deadline = ClockZero.now() + UInt64(patience) * 1_000_000
        while first.reading >= 0 || second.reading >= 0 {
            let now = ClockZero.now()
            guard now < deadline, first.bytes.count + second.bytes.count <= longestAnswer else { return false }
            // poll(2) skips negative descriptors, which is what closed ones are.
            var waiting = [
                pollfd(fd: first.reading, events: Int16(POLLIN), revents: 0),
                pollfd(fd: second.reading, events: Int16(POLLIN), revents: 0),
            ]
            // SAFETY: the two entries are the array's own.
            unsafe poll(&waiting, 2, Int32((deadline - now + 999_999) / 1_000_000))
            if waiting[0].revents != 0 { first.readSome() }
            if waiting[1].revents != 0 { second.readSome() }
        }
        return true
    }

    private static let longestAnswer = 64 << 10

    /// Reads what is there; at the end of the file, closes.
    private mutating func readSome() {
        var buffer = [UInt8](repeating: 0, count: 4096)
        // SAFETY: reads at most the buffer's own size.
        let count = unsafe read(reading, &buffer, buffer.count)
        if count > 0 {
            bytes += buffer[..<count]
        } else if count == 0 || errno != EINTR {
            close(reading)
            reading = -1
        }
    }
}
