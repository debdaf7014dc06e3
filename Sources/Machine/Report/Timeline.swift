// When a start reached which step.

internal import Host

/// The steps of a start, in the order of their names in the report.
public enum Milestone: Int, CaseIterable, Sendable {
    case vmmStart, vmCreated, memoryReady, kernelLoaded, firstRun, guestReady, exit

    /// The key in the report's `timeline_us`.
    var name: StaticString {
        switch self {
        case .vmmStart: "vmm_start"
        case .vmCreated: "vm_created"
        case .memoryReady: "memory_ready"
        case .kernelLoaded: "kernel_loaded"
        case .firstRun: "first_run"
        case .guestReady: "guest_ready"
        case .exit: "exit"
        }
    }
}

/// The first time each milestone was reached; any thread may mark one.
public final class Timeline: Sendable {
    private let zero: UInt64
    private let marks: Mutex<[UInt64?]>

    /// - Parameter zero: when the whole command was started, on the monotonic clock in nanoseconds.
    public init(zero: UInt64) {
        self.zero = zero
        marks = Mutex([UInt64?](repeating: nil, count: Milestone.allCases.count))
    }

    /// Notes that `milestone` is reached; only the first time counts.
    public func mark(_ milestone: Milestone) {
        let now = MonotonicClock.now
        marks.withLock { marks in
            if marks[milestone.rawValue] == nil { marks[milestone.rawValue] = now }
        }
    }

    /// Microseconds from the command's start to `milestone`, or nil where it was not reached.
    public func microseconds(to milestone: Milestone) -> UInt64? {
        marks.withLock { marks in
            marks[milestone.rawValue].map { $0 > zero ? ($0 - zero) / 1000 : 0 }
        }
    }
}
