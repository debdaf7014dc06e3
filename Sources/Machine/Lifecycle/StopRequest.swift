// The one way to end a machine: whoever asks first decides the outcome.

internal import Host
internal import Synchronization

/// Asked for by any thread, waited for by the main loop, looked at by every vCPU after each exit.
final class StopRequest: Sendable {
    /// Becomes readable with the first request.
    let event: EventFD
    private let isMade = Atomic<Bool>(false)
    private let first = Mutex<Outcome?>(nil)

    init() throws(Errno) { event = try EventFD() }

    func make(_ outcome: Outcome) {
        first.withLock { first in
            if first == nil { first = outcome }
        }
        isMade.store(true, ordering: .releasing)
        event.signal()
    }

    var wasMade: Bool {
        @inline(__always) get { isMade.load(ordering: .acquiring) }
    }

    /// The first request's outcome.
    var outcome: Outcome? { first.withLock { $0 } }
}
