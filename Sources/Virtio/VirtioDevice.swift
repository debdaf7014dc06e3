// What every virtio device has, whichever transport shows it: features, status, queues, doorbells, interrupts.
//
//     vCPU thread:    transport ── activate, reset, stop a queue ──┐
//                                                                  ├─ `session` (one lock a device)
//     device's loop:  doorbell ── serve ── chains, interrupt ──────┘

public import GuestMemory
public import Host
import struct Synchronization.Atomic

/// The base class of virtio devices.
///
/// A subclass watches `doorbells` in an event loop of its choice and calls `serve` there. The lock held by `serve`
/// makes a reset wait for the request in flight; afterwards no queue is touched and no interrupt is raised.
open class VirtioDevice: @unchecked Sendable {
    // @unchecked: what changes is atomic or inside a lock; a subclass keeps its own state to `serve` and its hooks.

    /// The device type (virtio 1.2, 5).
    public let deviceID: UInt32
    public let offeredFeatures: VirtioFeatures
    /// The largest size of each queue: a power of two.
    public let queueMaximumSizes: [UInt16]
    public let memory: GuestMemory
    /// One a queue; the machine binds them to QueueNotify.
    public let doorbells: [EventFD]
    public let interruptLine: InterruptLine

    /// Guards the configuration space and nothing else, so that no driver waits for I/O when it reads it.
    private let configuration: Mutex<ConfigurationSpace>
    private let status = Atomic<UInt32>(0)
    private let isInterrupted = Atomic<Bool>(false)

    /// The queues while the driver runs the device; empty before DRIVER_OK and after a reset.
    private struct Session {
        var queues: [Virtqueue?] = []
        var features: VirtioFeatures = []
    }
    private let session = Mutex(Session())

    /// - Parameters:
    ///   - features: the device type's own bits; the transport's are added.
    ///   - configuration: the fields as a driver first sees them.
    public init(
        deviceID: UInt32, features: VirtioFeatures, queueMaximumSizes: [UInt16],
        configuration: ConfigurationSpace, memory: GuestMemory
    ) throws(Errno) {
        self.deviceID = deviceID
        offeredFeatures = features.union(.transport)
        self.queueMaximumSizes = queueMaximumSizes
        self.memory = memory
        self.configuration = Mutex(configuration)
        interruptLine = try InterruptLine()
        var doorbells: [EventFD] = []
        for _ in queueMaximumSizes { doorbells.append(try EventFD()) }
        self.doorbells = doorbells
    }

    // MARK: Hooks

    /// The driver has set DRIVER_OK; the doorbells ring next. Called with the device's lock held.
    open func didActivate(features: VirtioFeatures) {}

    /// The queues are gone; forget what was taken from them. Called with the device's lock held.
    open func didReset() {}

    /// The driver has written a field of the configuration space, inside its bounds. Called without a lock.
    open func didWriteConfiguration(_ value: UInt64, offset: UInt64, width: Int) {}

    /// The driver has read the configuration space at `offset`. Called without a lock.
    open func didReadConfiguration(offset: UInt64) {}

    // MARK: For subclasses

    /// Whether a reset is waiting: look at it between two requests, and return from `serve` if so.
    public final var mustYield: Bool { isInterrupted.load(ordering: .acquiring) }

    /// Runs `body` on a queue, if the driver runs the device and it is not broken, and then decides once whether to
    /// interrupt. A violation that `body` throws breaks the device.
    public final func serve(_ index: Int, _ body: (Virtqueue) throws(VirtqueueError) -> Void) {
        session.withLock { session in
            guard index < session.queues.count, let queue = session.queues[index],
                !deviceStatus.contains(.needsReset)
            else { return }
            do throws(VirtqueueError) {
                try body(queue)
                if try queue.needsInterrupt() { interruptLine.raise(.usedBuffer) }
            } catch {
                giveUp()
            }
        }
    }

    /// Changes the configuration and tells the driver, if there is one.
    public final func updateConfiguration(_ body: (inout ConfigurationSpace) -> Void) {
        configuration.withLock { body(&$0) }
        session.withLock { session in
            if !session.queues.isEmpty { interruptLine.raise(.configuration) }
        }
    }

    // MARK: For transports

    /// The status field as a driver reads it.
    public final var deviceStatus: DeviceStatus { DeviceStatus(rawValue: status.load(ordering: .acquiring)) }

    final func addStatus(_ bits: DeviceStatus) {
        status.bitwiseOr(bits.rawValue, ordering: .acquiringAndReleasing)
    }

    final var configurationGeneration: UInt32 { configuration.withLock { $0.generation } }

    final func readConfiguration(offset: UInt64, width: Int) -> UInt64 {
        let value = configuration.withLock { $0.read(offset: offset, width: width) }
        didReadConfiguration(offset: offset)
        return value
    }

    final func writeConfiguration(_ value: UInt64, offset: UInt64, width: Int) {
        guard configuration.withLock({ $0.holds(offset: offset, width: width) }) else { return }
        didWriteConfiguration(value, offset: offset, width: width)
    }

    /// DRIVER_OK. `configurations` holds nil for a queue that the driver did not make ready.
    final func activate(_ configurations: [VirtqueueConfiguration?], features: VirtioFeatures) {
        session.withLock { session in
            addStatus(.driverOK)
            do throws(VirtqueueError) {
                session = Session(queues: try makeQueues(configurations, features), features: features)
                didActivate(features: features)
            } catch {
                giveUp()
            }
        }
        // What the driver rang for before DRIVER_OK was not looked at.
        ringAll()
    }

    /// Status 0. Returns when the request in flight is through.
    final func reset() {
        interruptSession { session in
            session = Session()
            didReset()
            status.store(0, ordering: .releasing)
            interruptLine.acknowledge([.usedBuffer, .configuration])
        }
    }

    /// QueueReady 0 while the driver runs the device. Returns when the queue is no longer in use.
    final func stopQueue(_ index: Int) {
        interruptSession { session in
            if index < session.queues.count { session.queues[index] = nil }
        }
        // Another queue may have yielded to this with chains left.
        ringAll()
    }

    private func makeQueues(
        _ configurations: [VirtqueueConfiguration?], _ features: VirtioFeatures
    ) throws(VirtqueueError) -> [Virtqueue?] {
        var queues: [Virtqueue?] = []
        for (index, configuration) in configurations.enumerated() {
            guard let configuration else {
                queues.append(nil)
                continue
            }
            queues.append(
                try Virtqueue(
                    configuration, maximumSize: queueMaximumSizes[index], features: features, memory: memory))
        }
        return queues
    }

    private func interruptSession(_ body: (inout Session) -> Void) {
        isInterrupted.store(true, ordering: .releasing)
        session.withLock { session in
            body(&session)
            isInterrupted.store(false, ordering: .releasing)
        }
    }

    /// DEVICE_NEEDS_RESET: the driver broke the rules, and nothing is served until it resets the device.
    private func giveUp() {
        addStatus(.needsReset)
        interruptLine.raise(.configuration)
    }

    private func ringAll() {
        for doorbell in doorbells { doorbell.signal() }
    }
}
