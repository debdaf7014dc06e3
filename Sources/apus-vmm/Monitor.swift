// What the monitor does with its arguments, and what it says when it cannot.

internal import CShims
internal import Host
internal import Machine

enum Monitor {
    /// Returns the exit status.
    static func main(_ arguments: [String]) -> Int32 {
        StandardStream.reserveNumbers()
        if arguments.count == 1, case "--probe" = ExactText(arguments[0]) {
            for line in HostProbe.run().lines { StandardStream.output.write(line) }
            return 0
        }
        do throws(ConfigurationError) {
            return run(try MachineConfiguration(arguments: arguments))
        } catch {
            StandardStream.error.writeOneLine("apus-vmm: " + error.message)
            return 2
        }
    }

    private static func run(_ configuration: MachineConfiguration) -> Int32 {
        let timeline = Timeline(zero: configuration.clockZero)
        timeline.mark(.vmmStart)
        do throws(MachineError) {
            let outcome = try Machine.build(configuration, timeline: timeline).run()
            if let message = outcome.message { StandardStream.error.writeOneLine("apus: " + message) }
            return outcome.exitStatus
        } catch {
            StandardStream.error.writeOneLine("apus: " + error.message)
            return 1
        }
    }

    /// Ends the process without running destructors: the kernel takes everything back in one go.
    static func exit(_ status: Int32) -> Never { _exit(status) }
}
