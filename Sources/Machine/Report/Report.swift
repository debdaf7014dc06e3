// What `--report` writes: one JSON object, its keys in docs/SPECIFICATION.md.

internal import Host

/// The facts of one machine's life.
struct Report {
    var outcome: Outcome
    var timeline: Timeline
    var exits: ExitCounts
    var guestBytes: UInt64
    /// nil where the host does not tell (no /proc).
    var privateBytes: UInt64?
    var cpuCount: UInt32

    func write(to path: String) throws(MachineError) {
        do throws(Errno) {
            // Without waiting: SIGTERM and SIGINT are blocked by now and could not end the wait for a pipe's reader.
            try FileDescriptor.open(path, .replace, waiting: false).writeAll(json)
        } catch {
            throw MachineError("report " + path + " could not be written: " + error.message)
        }
    }

    var json: [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("outcome", outcome.name)
            writer.object("timeline_us") { writer in
                for milestone in Milestone.allCases {
                    writer.member(milestone.name, timeline.microseconds(to: milestone))
                }
            }
            writer.object("exits") { writer in
                for reason in ExitReason.allCases { writer.member(reason.name, exits[reason]) }
            }
            writer.object("memory") { writer in
                writer.member("guest_bytes", guestBytes)
                writer.member("vmm_private_bytes", privateBytes)
            }
            writer.member("cpus", UInt64(cpuCount))
        }
        return writer.bytes + [UInt8(ascii: "\n")]
    }
}
