// A machine that is built and can run once.

internal import GuestMemory
internal import Host
internal import KVM

/// One virtual machine with its devices, from its start to its outcome.
public final class Machine {
    let configuration: MachineConfiguration
    let memory: GuestMemory
    let virtualMachine: VirtualMachine
    let vcpus: [VCPU]
    let bus = Bus()
    /// The main thread's: console, signals, the timeout.
    let loop: EventLoop
    let stop: StopRequest
    private let signals: SignalFD
    /// Raw while the machine lives, if standard input is a terminal.
    private var terminal: RawTerminal?
    let timeline: Timeline
    private let reportFile: ReportFile?
    var virtioDeviceCount = 0
    /// Tells the console of the terminal's new size.
    var didResizeTerminal: () -> Void = {}
    /// Tells the console that the guest reads it. On a vCPU's thread.
    var didBecomeReady: () -> Void = {}
    /// Ends the devices' own threads, in the order they were attached.
    var stopDevices: [() -> Void] = []

    init(
        _ configuration: MachineConfiguration, memory: GuestMemory, virtualMachine: VirtualMachine, vcpus: [VCPU],
        reportFile: ReportFile?, timeline: Timeline
    ) throws(Errno) {
        self.reportFile = reportFile
        self.configuration = configuration
        self.memory = memory
        self.virtualMachine = virtualMachine
        self.vcpus = vcpus
        self.timeline = timeline
        loop = try EventLoop()
        stop = try StopRequest()
        SignalFD.ignoreFailedWrites()
        // Both come before the first thread is made: a thread inherits the blocked signals, and a fork takes only the
        // thread that forks with it.
        signals = try SignalFD([.interrupt, .terminate, .hangup, .windowChange])
        terminal =
            Terminal.windowSize(of: Machine.standardInput) != nil ? try RawTerminal.makeRaw(Machine.standardInput) : nil
    }

    static var standardInput: Int32 { 0 }

    /// Whether a person sits at standard input.
    var hasTerminal: Bool { terminal != nil }

    /// Runs the machine until it stops, on this thread and one for each vCPU, and writes the report if one was asked
    /// for. Called once.
    public func run() throws(MachineError) -> Outcome {
        let threads = vcpus.map { VCPUThread($0, bus: bus, stop: stop, timeline: timeline) }
        var exits = ExitCounts()
        do throws(Errno) {
            try watchForTheEnd()
            Thread.makeKickSignalInterrupt()
            for thread in threads { try thread.start() }
            try loop.run()
        } catch {
            stop.make(.failure("the event loop failed: " + error.message))
        }
        timeline.mark(.exit)
        for thread in threads { exits += thread.finish() }
        for stopDevice in stopDevices { stopDevice() }
        releaseTerminal()

        let outcome = stop.outcome ?? .shutdown
        do throws(MachineError) {
            try writeReport(outcome, exits)
        } catch {
            // A panic stays a panic: only a machine that would have ended well ends with this failure.
            guard outcome.exitStatus != 0 else { throw error }
            StandardStream.error.writeOneLine("apus: " + error.message)
        }
        return outcome
    }

    /// Gives the terminal back. Before a message for the person at it: what is written to a raw one is a staircase,
    /// and the guardian would set it back only behind the shell's next prompt.
    func releaseTerminal() { terminal = nil }

    /// Everything that can end a machine from outside the guest becomes an event of the loop.
    private func watchForTheEnd() throws(Errno) {
        let loop = loop
        let stop = stop
        try loop.add(stop.event.rawValue, .readable) { loop.stop() }
        try loop.add(signals.rawValue, .readable) { [self] in
            while let signal = signals.next() {
                if signal == .windowChange { didResizeTerminal() } else { stop.make(.signal(signal.number)) }
            }
        }
        if let timeout = configuration.timeout {
            let timer = try TimerFD()
            let now = MonotonicClock.now
            // The zero is the caller's word: one that is yet to come has nothing behind it.
            let elapsed = now > configuration.clockZero ? now - configuration.clockZero : 0
            try timer.arm(afterNanoseconds: timeout > elapsed ? timeout - elapsed : 1)
            try loop.add(timer.rawValue, .readable) { [timer] in
                _ = timer
                stop.make(.timeout)
            }
        }
    }

    /// Only where one was asked for: what the monitor holds takes a walk through all its mappings.
    private func writeReport(_ outcome: Outcome, _ exits: ExitCounts) throws(MachineError) {
        guard let reportFile else { return }
        try reportFile.write(
            Report(
                outcome: outcome, timeline: timeline, exits: exits, guestBytes: configuration.memorySize,
                privateBytes: privateBytes, cpuCount: configuration.cpuCount))
    }

    private var privateBytes: UInt64? {
        do throws(Errno) { return try MemoryUsage.privateBytes(excluding: memory) } catch { return nil }
    }
}
