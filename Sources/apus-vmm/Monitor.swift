// What the monitor does with its arguments, and what it says when it cannot.

internal import CShims
internal import Host
internal import Machine

enum Monitor {
    /// Returns the exit status.
    static func main(_ arguments: [String]) -> Int32 {
        if arguments.count == 1, case "--probe" = ExactText(arguments[0]) {
            for line in HostProbe.run().lines { write(line, to: 1) }
            return 0
        }
        do throws(ConfigurationError) {
            return run(try MachineConfiguration(arguments: arguments))
        } catch {
            complain("apus-vmm: " + error.message)
            return 2
        }
    }

    private static func run(_ configuration: MachineConfiguration) -> Int32 {
        let timeline = Timeline(zero: configuration.clockZero)
        timeline.mark(.vmmStart)
        do throws(MachineError) {
            let outcome = try Machine.build(configuration, timeline: timeline).run()
            if let message = outcome.message { complain("apus: " + message) }
            return outcome.exitStatus
        } catch {
            complain("apus: " + error.message)
            return 1
        }
    }

    /// One line on standard error.
    private static func complain(_ line: String) { write(line, to: 2) }

    /// One line at once: the C library's buffers would be lost in `exit`.
    private static func write(_ line: String, to descriptor: Int32) {
        do throws(Errno) {
            try FileDescriptor.duplicate(descriptor).writeAll(Array((line + "\n").utf8))
        } catch {
            // Nobody listens: the exit status still tells.
        }
    }

    /// Ends the process without running destructors: the kernel takes everything back in one go.
    static func exit(_ status: Int32) -> Never { _exit(status) }
}
