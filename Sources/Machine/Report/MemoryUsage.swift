// How much memory the monitor itself holds: what it has alone, less the guest's RAM (proc_pid_smaps(5)).

internal import GuestMemory
internal import Host

enum MemoryUsage {
    /// Private_Clean + Private_Dirty in bytes of every mapping of this process that is not guest RAM.
    static func privateBytes(excluding guestMemory: GuestMemory) throws(Errno) -> UInt64 {
        let file = try FileDescriptor.open("/proc/self/smaps", .readOnly)
        var tally = SmapsTally(
            excluded: guestMemory.regions.map { $0.hostAddress..<($0.hostAddress + $0.count) })
        var offset: UInt64 = 0
        // procfs answers at most a page or so at a time; an empty answer is the end.
        while case let chunk = try file.read(count: 4096, at: offset), !chunk.isEmpty {
            for byte in chunk { tally.consume(byte) }
            offset += UInt64(chunk.count)
        }
        return tally.kilobytes * 1024
    }
}

/// Adds up the private pages that smaps tells, mapping by mapping, a byte at a time: the file is read in pieces that
/// end anywhere.
struct SmapsTally {
    /// Address ranges that do not count; a mapping that starts inside one is left out.
    let excluded: [Range<UInt64>]
    private(set) var kilobytes: UInt64 = 0
    private var line: [UInt8] = []
    private var isExcluded = false

    init(excluded: [Range<UInt64>]) { self.excluded = excluded }

    mutating func consume(_ byte: UInt8) {
        guard byte == UInt8(ascii: "\n") else {
            line.append(byte)
            return
        }
        finishLine()
        line.removeAll(keepingCapacity: true)
    }

    private mutating func finishLine() {
        if hasPrefix("Private_Clean:") || hasPrefix("Private_Dirty:") {
            if !isExcluded { kilobytes += decimal() }
        } else if let start = mappingStart() {
            isExcluded = excluded.contains { $0.contains(start) }
        }
    }

    private func hasPrefix(_ text: StaticString) -> Bool {
        guard line.count >= text.utf8CodeUnitCount else { return false }
        for index in 0..<text.utf8CodeUnitCount {
            // SAFETY: the index is inside the static string.
            if unsafe line[index] != text.utf8Start[index] { return false }
        }
        return true
    }

    /// The one number of a "Name:   123 kB" line.
    private func decimal() -> UInt64 {
        var value: UInt64 = 0
        for byte in line where byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") {
            value = value &* 10 &+ UInt64(byte - UInt8(ascii: "0"))
        }
        return value
    }

    /// The start address of a "start-end perms …" line, or nil for any other line.
    private func mappingStart() -> UInt64? {
        var value: UInt64 = 0
        for (index, byte) in line.enumerated() {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt64(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt64(byte - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "-") where index > 0: return value
            default: return nil
            }
        }
        return nil
    }
}
