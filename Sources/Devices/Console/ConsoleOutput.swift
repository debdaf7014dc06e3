// The host's side of a console's output: a bounded buffer, and a thread that writes it.
//
// A thread, because no other way never waits: a terminal's descriptor is shared with the shell that started us, so
// O_NONBLOCK must not be set on it; and a descriptor that polls as writable can still block a write of more bytes
// than it has room for, by an amount that a terminal does not tell. A reader that stands still stops this thread only.

public import Host
import struct Synchronization.Atomic

/// Takes bytes from a guest on any thread, without waiting, as far as the buffer has room.
public final class ConsoleOutput: @unchecked Sendable {
    // @unchecked: shared state is behind the lock; `draining` is the thread's.

    /// Bytes that wait for a slow reader before the guest has to.
    public static var capacity: Int { 16 << 10 }

    private struct State {
        var filling: [UInt8] = []
        var waiters: [EventFD] = []
        var failure: Errno?
        var isStopping = false

        var room: Int { failure == nil ? max(ConsoleOutput.capacity - filling.count, 0) : .max }
    }

    private let descriptor: FileDescriptor
    private let state = Mutex(State())
    private let work: EventFD
    private let finished: EventFD
    private let isAbandoned = Atomic<Bool>(false)
    private var draining: [UInt8] = []
    private var thread: Thread?

    /// Starts the writing thread, named `console-out`.
    public init(_ descriptor: consuming FileDescriptor) throws(Errno) {
        self.descriptor = descriptor
        work = try EventFD()
        finished = try EventFD()
        let loop = try EventLoop()
        let work = work
        try loop.add(work.rawValue, .readable) { work.drain() }
        thread = try Thread(name: "console-out") { [self] in
            run(loop)
            finished.signal()
        }
    }

    /// Why writing ended (EPIPE where the reader went), or nil. From then on output is taken and dropped.
    public var failure: Errno? { state.withLock { $0.failure } }

    /// How many bytes can be appended now.
    public var room: Int { state.withLock { $0.room } }

    /// Lets `body` append bytes to the buffer, at most as many as it is told there is room for.
    func append<Failure: Error>(
        _ body: (inout [UInt8], _ room: Int) throws(Failure) -> Void
    ) throws(Failure) {
        let hasWork = try state.withLock { (state) throws(Failure) -> Bool in
            let wasEmpty = state.filling.isEmpty
            let room = state.room
            try body(&state.filling, room)
            if state.failure != nil { state.filling.removeAll(keepingCapacity: true) }
            return wasEmpty && !state.filling.isEmpty
        }
        if hasWork { work.signal() }
    }

    /// Appends a byte; drops it where there is no room.
    func append(_ byte: UInt8) {
        append { bytes, room in
            if room > 0 { bytes.append(byte) }
        }
    }

    /// Signals `event` as soon as there is room for `count` bytes; at once if there is.
    func notifyOfRoom(_ event: EventFD, atLeast count: Int) {
        state.withLock { state in
            // A guest may ring as often as it likes while the reader stands still: one place each is enough.
            if state.room >= count {
                event.signal()
            } else if !state.waiters.contains(where: { $0 === event }) {
                state.waiters.append(event)
            }
        }
    }

    /// Waits at most `milliseconds` for the reader to take the rest, drops what is left then, and joins the thread.
    public func stop(graceMilliseconds milliseconds: Int32) throws(Errno) {
        guard let thread else { return }
        let loop = try EventLoop()
        var isFinished = false
        try loop.add(finished.rawValue, .readable) { isFinished = true }
        state.withLock { $0.isStopping = true }
        work.signal()
        let deadline = MonotonicClock.now + UInt64(milliseconds) * 1_000_000
        while !isFinished, MonotonicClock.now < deadline {
            try loop.runOnce(timeoutMilliseconds: milliseconds)
        }
        isAbandoned.store(true, ordering: .releasing)
        Thread.makeKickSignalInterrupt()
        // A kick between the thread's look at the flag and its write is lost, so it is repeated.
        while !isFinished {
            thread.kick()
            try loop.runOnce(timeoutMilliseconds: 1)
        }
        thread.join()
        self.thread = nil
    }

    // MARK: The thread

    private func run(_ loop: EventLoop) {
        while true {
            let isStopping = state.withLock { state in
                swap(&state.filling, &draining)
                for waiter in state.waiters { waiter.signal() }
                state.waiters.removeAll(keepingCapacity: true)
                return state.isStopping
            }
            if !draining.isEmpty {
                drain()
            } else if isStopping {
                return
            } else {
                _ = try? loop.runOnce(timeoutMilliseconds: -1)
            }
        }
    }

    private func drain() {
        var written = 0
        while written < draining.count, !isAbandoned.load(ordering: .acquiring) {
            do throws(Errno) {
                written += try descriptor.write(draining, in: written..<draining.count)
            } catch {
                guard recover(from: error) else { break }
            }
        }
        draining.removeAll(keepingCapacity: true)
    }

    /// Whether the write is worth another try.
    private func recover(from error: Errno) -> Bool {
        if error == .interrupted { return true }
        if error == .wouldBlock, waitForWritability() { return true }
        state.withLock { state in
            state.failure = error
            state.filling.removeAll(keepingCapacity: true)
        }
        return false
    }

    /// Only a descriptor that somebody else made nonblocking comes here.
    private func waitForWritability() -> Bool {
        do throws(Errno) {
            let loop = try EventLoop()
            try loop.add(descriptor.rawValue, .writable) {}
            try loop.runOnce(timeoutMilliseconds: -1)
            return true
        } catch { return false }
    }
}
