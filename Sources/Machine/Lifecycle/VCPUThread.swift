// A vCPU's thread: enter the guest, see why it came back, serve that, enter again.

internal import Host
internal import KVM

/// Runs one vCPU on a thread named after it until the machine is asked to stop.
final class VCPUThread {
    private let vcpu: VCPU
    private let bus: Bus
    private let stop: StopRequest
    private let timeline: Timeline
    private let result = Mutex(ExitCounts())
    private var thread: Thread?

    init(_ vcpu: VCPU, bus: Bus, stop: StopRequest, timeline: Timeline) {
        self.vcpu = vcpu
        self.bus = bus
        self.stop = stop
        self.timeline = timeline
    }

    func start() throws(Errno) {
        thread = try Thread(name: "vcpu-" + String(vcpu.id)) { [self] in
            let counts = runUntilStopped()
            result.withLock { $0 = counts }
        }
    }

    /// Ends the guest's run, wherever it is, and waits for the thread. Returns what it counted.
    func finish() -> ExitCounts {
        vcpu.requestExit()
        thread?.kick()
        thread?.join()
        return result.withLock { $0 }
    }

    private func runUntilStopped() -> ExitCounts {
        var counts = ExitCounts()
        if vcpu.id == 0 { timeline.mark(.firstRun) }
        do throws(KVMError) {
            while !stop.wasMade {
                serve(try vcpu.run(), &counts)
            }
        } catch {
            stop.make(.failure(error.message))
        }
        return counts
    }

    @inline(__always)
    private func serve(_ exit: VCPUExit, _ counts: inout ExitCounts) {
        switch exit {
        case .portRead(let port, let width, let count):
            counts.count(.portRead)
            for index in 0..<count { vcpu.setPortValue(bus.readPort(port, width: width), index) }
        case .portWrite(let port, let width, let count):
            counts.count(.portWrite)
            for index in 0..<count { bus.writePort(vcpu.portValue(index), port, width: width) }
        case .mmioRead(let address, let width):
            counts.count(.mmioRead)
            vcpu.setMMIOValue(bus.readMemory(address, width: width))
        case .mmioWrite(let address, let width, let value):
            counts.count(.mmioWrite)
            bus.writeMemory(value, address, width: width)
        case .interrupted:
            counts.count(.interrupted)
        case .halt:
            // The in-kernel local APIC waits for interrupts itself, so this is a guest with nothing to wait for.
            counts.count(.halt)
            stop.make(.failure("the guest halted for ever"))
        case .shutdown:
            counts.count(.other)
            stop.make(.tripleFault)
        case .systemEvent, .failedEntry, .internalError, .unknown:
            counts.count(.other)
            stop.make(
                .failure("vCPU " + String(vcpu.id) + " stopped by " + exit.name + ": see 'apus doctor'"))
        }
    }
}
