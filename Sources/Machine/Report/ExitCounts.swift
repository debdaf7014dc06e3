// How often vCPUs came back to the monitor, by reason.

/// Why a vCPU exit is counted where it is.
public enum ExitReason: Int, CaseIterable, Sendable {
    case portRead, portWrite, mmioRead, mmioWrite, halt, interrupted, other

    /// The key in the report's `exits`.
    var name: StaticString {
        switch self {
        case .portRead: "io_in"
        case .portWrite: "io_out"
        case .mmioRead: "mmio_read"
        case .mmioWrite: "mmio_write"
        case .halt: "hlt"
        case .interrupted: "interrupted"
        case .other: "other"
        }
    }
}

/// One vCPU's counters: its thread alone counts, and they are read after that thread has ended.
public struct ExitCounts: Sendable {
    private var counts = [UInt64](repeating: 0, count: ExitReason.allCases.count)

    public init() {}

    @inline(__always)
    mutating func count(_ reason: ExitReason) { counts[reason.rawValue] &+= 1 }

    public subscript(_ reason: ExitReason) -> UInt64 { counts[reason.rawValue] }

    static func += (left: inout ExitCounts, right: ExitCounts) {
        for reason in ExitReason.allCases { left.counts[reason.rawValue] += right.counts[reason.rawValue] }
    }
}
