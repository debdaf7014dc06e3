// virtio-console (virtio 1.2, 5.3): one port, on the main loop.

public import GuestMemory
public import Host
public import Virtio
import struct Synchronization.Atomic

extension VirtioFeatures {
    /// VIRTIO_CONSOLE_F_SIZE: the configuration holds columns and rows.
    static var consoleSize: VirtioFeatures { VirtioFeatures(bit: 0) }
    /// VIRTIO_CONSOLE_F_EMERG_WRITE: a byte written to the configuration is output, before any queue is set up.
    static var consoleEmergencyWrite: VirtioFeatures { VirtioFeatures(bit: 2) }
}

public final class ConsoleDevice: VirtioDevice, @unchecked Sendable {
    // @unchecked: all but `resize` and emergency output happens on the main loop, or under the device's lock.

    private enum Queue {
        static var receive: Int { 0 }
        static var transmit: Int { 1 }
    }

    /// Offsets in struct virtio_console_config.
    private enum Field {
        static var columns: Int { 0 }
        static var rows: Int { 2 }
        static var portCount: Int { 4 }
        static var emergencyWrite: UInt64 { 8 }
    }

    private static var queueSize: UInt16 { 64 }
    private static var patienceNanoseconds: UInt64 { 1_000_000_000 }

    private let input: ConsoleInput?
    private let output: ConsoleOutput
    private let outputRoom: EventFD
    /// See `openInput`.
    private let isInputOpen = Atomic<Bool>(false)
    private let inputDelay: TimerFD
    private var receiving: ChainBuffers
    private var transmitting: ChainBuffers
    /// A chain whose first bytes were output and whose rest waits for room.
    private var transmission: (head: UInt16, done: UInt64)?

    /// - Parameters:
    ///   - input: nil for a console without input.
    ///   - columns: the terminal's width in characters; 0 where it is not known.
    public init(
        input: ConsoleInput?, output: ConsoleOutput, columns: UInt16, rows: UInt16, memory: GuestMemory
    ) throws(Errno) {
        self.input = input
        self.output = output
        outputRoom = try EventFD()
        inputDelay = try TimerFD()
        receiving = ChainBuffers(memory, capacity: Int(ConsoleDevice.queueSize))
        transmitting = ChainBuffers(memory, capacity: Int(ConsoleDevice.queueSize))
        var configuration = ConfigurationSpace(count: 12)
        configuration.set(columns, at: Field.columns)
        configuration.set(rows, at: Field.rows)
        configuration.set(UInt32(1), at: Field.portCount)
        try super.init(
            deviceID: 3, features: [.consoleSize, .consoleEmergencyWrite],
            queueMaximumSizes: [ConsoleDevice.queueSize, ConsoleDevice.queueSize],
            configuration: configuration, memory: memory)
    }

    /// Serves the console on `loop` from now on.
    public func attach(to loop: EventLoop) throws(Errno) {
        try loop.add(doorbells[Queue.receive].rawValue, .readable) { [self] in
            doorbells[Queue.receive].drain()
            input?.pump()
        }
        for event in [doorbells[Queue.transmit], outputRoom] {
            try loop.add(event.rawValue, .readable) { [self] in
                event.drain()
                transmit()
            }
        }
        try loop.add(inputDelay.rawValue, .readable) { [self] in
            inputDelay.acknowledge()
            openInput()
        }
        input?.attach(
            to: loop, hasRoom: { [self] in hasReceiveBuffer() },
            take: { [self] bytes, range in receive(bytes, range) },
            pumpLater: { [self] in doorbells[Queue.receive].signal() })
    }

    /// Lets input through to the guest. On any thread.
    ///
    /// Linux drops what arrives between DRIVER_OK and the registration of its port. That it has registered it shows in
    /// its reading the size then (drivers/char/virtio_console.c, the end of virtcons_probe); output shows nothing, since
    /// the log is replayed before. So input waits in the host for that read, for the machine to know that the guest is
    /// up, or, with a driver that does neither, for a second.
    public func openInput() {
        if !isInputOpen.exchange(true, ordering: .acquiringAndReleasing) { doorbells[Queue.receive].signal() }
    }

    /// Tells the guest of the terminal's new size. On any thread.
    public func resize(columns: UInt16, rows: UInt16) {
        updateConfiguration { space in
            space.update(columns, at: Field.columns)
            space.update(rows, at: Field.rows)
        }
    }

    public override func didActivate(features: VirtioFeatures) {
        // A timer that cannot be armed leaves the two other ways.
        do throws(Errno) { try inputDelay.arm(afterNanoseconds: ConsoleDevice.patienceNanoseconds) } catch {}
    }

    public override func didReadConfiguration(offset: UInt64) {
        if offset < UInt64(Field.portCount), deviceStatus.contains(.driverOK) { openInput() }
    }

    public override func didReset() {
        transmission = nil
        isInputOpen.store(false, ordering: .releasing)
    }

    public override func didWriteConfiguration(_ value: UInt64, offset: UInt64, width: Int) {
        if offset == Field.emergencyWrite { output.append(UInt8(truncatingIfNeeded: value)) }
    }

    // MARK: Input

    /// Whether the guest has lent a buffer; where it has not, it is asked to ring when it does.
    private func hasReceiveBuffer() -> Bool {
        guard isInputOpen.load(ordering: .acquiring) else { return false }
        var hasBuffer = false
        serve(Queue.receive) { (queue) throws(VirtqueueError) in
            try queue.suppressDoorbell()
            hasBuffer = try queue.hasAvailable()
            if !hasBuffer { hasBuffer = try queue.armDoorbell() }
        }
        return hasBuffer
    }

    /// After a queue's worth of chains the main loop gets its turn, as in `transmit`: a guest may lend buffers without
    /// room for ever.
    private func receive(_ bytes: [UInt8], _ range: Range<Int>) -> Int {
        var next = range.lowerBound
        serve(Queue.receive) { (queue) throws(VirtqueueError) in
            try queue.suppressDoorbell()
            for _ in 0..<queue.size {
                if next == range.upperBound || mustYield { return }
                guard var chain = try queue.pop() else {
                    guard try queue.armDoorbell() else { return }
                    continue
                }
                try receiving.gather(&chain)
                let count = try receiving.writable.store(bytes, in: next..<range.upperBound, at: 0)
                try queue.complete(chain.head, written: UInt32(count))
                next += count
            }
            doorbells[Queue.receive].signal()
        }
        return next - range.lowerBound
    }

    // MARK: Output

    /// Moves output until the queue is empty or the buffer is full. After a queue's worth of chains the main loop gets
    /// its turn, or a guest that never stops talking would keep it from everything else.
    private func transmit() {
        serve(Queue.transmit) { (queue) throws(VirtqueueError) in
            try queue.suppressDoorbell()
            for _ in 0..<queue.size {
                if mustYield { return }
                if try !beginTransmission(queue) {
                    guard try queue.armDoorbell() else { return }
                    continue
                }
                guard try continueTransmission(queue) else {
                    return output.notifyOfRoom(outputRoom, atLeast: 1)
                }
            }
            doorbells[Queue.transmit].signal()
        }
    }

    /// Returns false where the guest has nothing to say.
    private func beginTransmission(_ queue: Virtqueue) throws(VirtqueueError) -> Bool {
        if transmission != nil { return true }
        guard var chain = try queue.pop() else { return false }
        try transmitting.gather(&chain)
        transmission = (chain.head, 0)
        return true
    }

    /// Returns false where the chain's rest has to wait for room.
    private func continueTransmission(_ queue: Virtqueue) throws(VirtqueueError) -> Bool {
        guard let (head, done) = transmission else { return true }
        let left = transmitting.readable.count - done
        var copied: UInt64 = 0
        try output.append { (bytes, room) throws(VirtqueueError) in
            // Dropped output has boundless room, but the buffer it passes through has not.
            copied = min(left, UInt64(min(room, ConsoleOutput.capacity)))
            try transmitting.readable.append(from: done, length: copied, to: &bytes)
        }
        guard copied == left else {
            transmission = (head, done + copied)
            return false
        }
        transmission = nil
        try queue.complete(head, written: 0)
        return true
    }
}
