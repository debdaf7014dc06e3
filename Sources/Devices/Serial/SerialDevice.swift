// A serial port of a PC: a 16550A between eight I/O ports and a stream of the host.

public import GuestMemory
public import Host

public final class SerialDevice: BusDevice, @unchecked Sendable {
    // @unchecked: the registers are behind a lock; the rest never changes.

    public static var portCount: UInt16 { 8 }

    /// Signalled when the interrupt line rises; the machine binds it to an irqfd.
    public let interrupt: EventFD

    private struct State {
        var uart = UART16550()
        var isInterrupting = false
        var isInputWaiting = false
        var isOutputWaiting = false
    }

    private let state = Mutex(State())
    private let input: ConsoleInput?
    private let output: ConsoleOutput
    private let outputRoom: EventFD
    private let inputRoom: EventFD

    /// - Parameter input: nil for a port that only prints.
    public init(input: ConsoleInput?, output: ConsoleOutput) throws(Errno) {
        self.input = input
        self.output = output
        interrupt = try EventFD()
        outputRoom = try EventFD()
        inputRoom = try EventFD()
    }

    /// Serves the port's input, and output that had to wait, on `loop` from now on.
    public func attach(to loop: EventLoop) throws(Errno) {
        try loop.add(outputRoom.rawValue, .readable) { [self] in
            outputRoom.drain()
            offerRoom()
        }
        try loop.add(inputRoom.rawValue, .readable) { [self] in
            inputRoom.drain()
            input?.pump()
        }
        input?.attach(
            to: loop, hasRoom: { [self] in hasReceiveRoom() },
            take: { [self] bytes, range in receive(bytes, range) }, pumpLater: { [self] in inputRoom.signal() })
    }

    public override func read(offset: UInt64, width: Int) -> UInt64 {
        guard width == 1, offset < UInt64(SerialDevice.portCount) else { return BusDevice.allOnes(width: width) }
        let canTransmit = canTransmit
        return UInt64(change { $0.uart.read(offset, canTransmit: canTransmit) })
    }

    public override func write(_ value: UInt64, offset: UInt64, width: Int) {
        guard width == 1, offset < UInt64(SerialDevice.portCount) else { return }
        let couldTransmit = canTransmit
        let byte = change { state in
            state.uart.write(UInt8(truncatingIfNeeded: value), offset, canTransmit: couldTransmit)
        }
        if let byte { transmit(byte) }
    }

    /// The transmitter is empty while the host takes a FIFO's worth: a driver writes that much without looking again.
    private var canTransmit: Bool { output.room >= UART16550.fifoDepth }

    /// The byte is on its way at once; where the host is slow the transmitter stays busy until there is room.
    private func transmit(_ byte: UInt8) {
        output.append(byte)
        let canTransmit = canTransmit
        let mustWait = change { state in
            if canTransmit {
                state.uart.transmitterBecameReady()
                return false
            }
            defer { state.isOutputWaiting = true }
            return !state.isOutputWaiting
        }
        if mustWait { output.notifyOfRoom(outputRoom, atLeast: UART16550.fifoDepth) }
    }

    /// Lets the transmitter be ready again, unless the room is taken already: then the wait goes on.
    private func offerRoom() {
        let mustWait = change { state in
            guard canTransmit else { return true }
            state.isOutputWaiting = false
            state.uart.transmitterBecameReady()
            return false
        }
        if mustWait { output.notifyOfRoom(outputRoom, atLeast: UART16550.fifoDepth) }
    }

    private func hasReceiveRoom() -> Bool {
        change { state in
            state.isInputWaiting = !state.uart.hasReceiveRoom
            return !state.isInputWaiting
        }
    }

    private func receive(_ bytes: [UInt8], _ range: Range<Int>) -> Int {
        change { state in
            var next = range.lowerBound
            while next < range.upperBound, state.uart.hasReceiveRoom {
                state.uart.receive(bytes[next])
                next += 1
            }
            state.isInputWaiting = !state.uart.hasReceiveRoom
            return next - range.lowerBound
        }
    }

    /// Changes the registers, signals a line that rose by it, and wakes input that waited for the room it made.
    private func change<Result>(_ body: (inout State) -> Result) -> Result {
        state.withLock { state in
            let result = body(&state)
            let isInterrupting = state.uart.isInterrupting
            if isInterrupting && !state.isInterrupting { interrupt.signal() }
            state.isInterrupting = isInterrupting
            if state.isInputWaiting && state.uart.hasReceiveRoom {
                state.isInputWaiting = false
                inputRoom.signal()
            }
            return result
        }
    }
}
