// A POSIX thread with a name, a small stack, and a signal that ends its blocking call.

internal import CShims

/// A running thread. Its owner joins it.
public final class Thread: @unchecked Sendable {
    // @unchecked: the handle is written once, before anybody else can see this object.
    private var handle: apus_thread = 0

    private final class Body {
        let name: String
        let run: () -> Void
        init(name: String, run: @escaping () -> Void) {
            self.name = name
            self.run = run
        }
    }

    /// Starts a thread that runs `body`.
    /// - Parameters:
    ///   - name: what `ps -L` and a debugger show; at most 15 bytes.
    ///   - stackSize: in bytes, at least PTHREAD_STACK_MIN (16 KiB).
    public init(name: String, stackSize: Int = 128 << 10, body: @escaping () -> Void) throws(Errno) {
        let context = unsafe Unmanaged.passRetained(Body(name: name, run: body))
        // SAFETY: the context is retained until the thread takes it over, or is released below.
        let result = unsafe apus_thread_create(
            &handle, stackSize,
            { argument in
                let body = unsafe Unmanaged<Body>.fromOpaque(argument!).takeRetainedValue()
                unsafe body.name.withCString { unsafe apus_name_thread($0) }
                apus_unblock_signal(Thread.kickSignal)
                body.run()
                return nil
            }, context.toOpaque())
        if result < 0 { unsafe context.release() }
        try checked(result)
    }

    /// Waits for the thread to end.
    public func join() { _ = apus_thread_join(handle) }

    /// Ends a blocking system call of the thread with EINTR (see `makeKickSignalInterrupt`).
    public func kick() { _ = apus_thread_signal(handle, Thread.kickSignal) }

    /// Lets `kick` interrupt system calls of this process instead of ending it.
    public static func makeKickSignalInterrupt() { apus_make_signal_interrupt(kickSignal) }

    private static var kickSignal: Int32 { SIGUSR1 }
}
