// epoll(7): one thread, many descriptors, a closure for each.

internal import CShims

/// Waits for descriptors and calls their handlers, one at a time, on the thread that runs it.
///
/// Handlers are added before `run`, or by a handler, and so need no lock: a loop belongs to its thread.
public final class EventLoop {
    /// What a descriptor is watched for.
    public struct Interest: OptionSet, Sendable {
        public let rawValue: UInt32
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        public static var readable: Interest { Interest(rawValue: apus_epoll_in) }
        public static var writable: Interest { Interest(rawValue: apus_epoll_out) }
    }

    public typealias Handler = () -> Void

    private let epoll: FileDescriptor
    /// Indexed by the token that epoll hands back; nil where the descriptor was removed. A place is used again: events
    /// are taken one at a time, so none of an earlier owner can be on its way.
    private var handlers: [(descriptor: Int32, handler: Handler)?] = []
    private var isRunning = false

    public init() throws(Errno) {
        epoll = FileDescriptor(owning: Int32(try checked(apus_epoll_create())))
    }

    /// Calls `handler` whenever `descriptor` is ready. The caller keeps the descriptor open until `remove`.
    /// Throws `EPERM` for a regular file, which is always ready and which epoll does not take.
    public func add(_ descriptor: Int32, _ interest: Interest, handler: @escaping Handler) throws(Errno) {
        let token = handlers.firstIndex { $0 == nil } ?? handlers.count
        try checked(
            apus_epoll_control(epoll.rawValue, EPOLL_CTL_ADD, descriptor, interest.rawValue, UInt64(token)))
        if token == handlers.count {
            handlers.append((descriptor, handler))
        } else {
            handlers[token] = (descriptor, handler)
        }
    }

    /// Stops watching `descriptor`; nothing happens where it is not watched.
    public func remove(_ descriptor: Int32) {
        guard let token = token(of: descriptor) else { return }
        handlers[token] = nil
        _ = apus_epoll_control(epoll.rawValue, EPOLL_CTL_DEL, descriptor, 0, 0)
    }

    /// Runs handlers until one of them calls `stop`.
    public func run() throws(Errno) {
        isRunning = true
        while isRunning {
            try runOnce(timeoutMilliseconds: -1)
        }
    }

    /// Runs the handler of one ready descriptor, if one is ready within the timeout (-1 waits for ever).
    /// Returns whether one ran.
    @discardableResult
    public func runOnce(timeoutMilliseconds: Int32) throws(Errno) -> Bool {
        var events: UInt32 = 0
        var token: UInt64 = 0
        // SAFETY: both are written through pointers that live for the call.
        let result = unsafe apus_epoll_wait_one(epoll.rawValue, timeoutMilliseconds, &events, &token)
        if result == -Int(EINTR) { return false }
        guard try checked(result) == 1, let entry = handlers[Int(token)] else { return false }
        entry.handler()
        return true
    }

    /// Ends `run` after the handler that calls this.
    public func stop() { isRunning = false }

    private func token(of descriptor: Int32) -> Int? {
        handlers.firstIndex { $0?.descriptor == descriptor }
    }
}
