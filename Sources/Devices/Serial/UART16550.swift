// The 16550A's registers as a value: no host, no threads, no interrupt line.

/// A National Semiconductor PC16550D without its line errors: what a driver writes is on the wire at once.
struct UART16550 {
    /// Depth of both FIFOs, in bytes.
    static var fifoDepth: Int { 16 }

    private var interruptEnable: UInt8 = 0
    private var lineControl: UInt8 = 0
    private var modemControl: UInt8 = 0
    private var scratch: UInt8 = 0
    private var divisorLow: UInt8 = 12  // 9600 baud, what firmware leaves
    private var divisorHigh: UInt8 = 0
    private var isFIFOEnabled = false
    private var received: [UInt8] = []
    /// The transmitter ran empty, and IIR has not said so yet.
    private var hasTransmitted = false
    /// Reads of the line status that had nothing to tell, since a byte was sent.
    private var idlePolls = 0

    /// A driver that sends looks at the line status once a byte; one that looks so often waits for input.
    private static var pollsOfAListener: Int { 16 }

    private enum InterruptEnable {
        static var receivedData: UInt8 { 0x01 }
        static var transmitterEmpty: UInt8 { 0x02 }
        static var all: UInt8 { 0x0F }
    }

    private enum InterruptCause {
        static var none: UInt8 { 0x01 }
        static var transmitterEmpty: UInt8 { 0x02 }
        static var receivedData: UInt8 { 0x04 }
        static var fifoEnabled: UInt8 { 0xC0 }
    }

    private enum LineStatus {
        static var dataReady: UInt8 { 0x01 }
        static var transmitterEmpty: UInt8 { 0x60 }  // holding register and shift register
    }

    private var isDivisorLatchOpen: Bool { lineControl & 0x80 != 0 }
    private var isLoopback: Bool { modemControl & 0x10 != 0 }

    init() { received.reserveCapacity(UART16550.fifoDepth) }

    var hasReceiveRoom: Bool { hasListener && received.count < UART16550.fifoDepth && !isLoopback }

    /// Whether a driver takes what arrives. Linux's empties the FIFO when it opens the port (8250_port.c,
    /// serial8250_do_startup), so what came before would be lost. All interrupts at once are its probe, which it takes
    /// back (autoconfig).
    private var hasListener: Bool {
        interruptEnable & InterruptEnable.receivedData != 0 && interruptEnable != InterruptEnable.all
            || idlePolls >= UART16550.pollsOfAListener
    }

    /// The level of the interrupt line.
    var isInterrupting: Bool { interruptCause != InterruptCause.none }

    private var interruptCause: UInt8 {
        if interruptEnable & InterruptEnable.receivedData != 0, !received.isEmpty { return InterruptCause.receivedData }
        if interruptEnable & InterruptEnable.transmitterEmpty != 0, hasTransmitted {
            return InterruptCause.transmitterEmpty
        }
        return InterruptCause.none
    }

    /// A byte from the wire. The caller has looked at `hasReceiveRoom`.
    mutating func receive(_ byte: UInt8) { received.append(byte) }

    /// The transmitter, which was busy, can take bytes again.
    mutating func transmitterBecameReady() { hasTransmitted = true }

    /// - Parameter canTransmit: whether the wire takes a FIFO's worth of bytes now.
    mutating func read(_ offset: UInt64, canTransmit: Bool) -> UInt8 {
        switch offset {
        case 0 where isDivisorLatchOpen: return divisorLow
        case 0: return received.isEmpty ? 0 : received.removeFirst()
        case 1 where isDivisorLatchOpen: return divisorHigh
        case 1: return interruptEnable
        case 2: return readInterruptIdentification()
        case 3: return lineControl
        case 4: return modemControl
        case 5: return readLineStatus(canTransmit: canTransmit)
        case 6: return modemStatus
        default: return scratch
        }
    }

    private mutating func readLineStatus(canTransmit: Bool) -> UInt8 {
        let isIdle = received.isEmpty && canTransmit
        if isIdle && idlePolls < UART16550.pollsOfAListener { idlePolls += 1 }
        return (received.isEmpty ? 0 : LineStatus.dataReady)
            | (canTransmit || isLoopback ? LineStatus.transmitterEmpty : 0)
    }

    /// Reading IIR takes back the transmitter's interrupt, where that was the cause.
    private mutating func readInterruptIdentification() -> UInt8 {
        let cause = interruptCause
        if cause == InterruptCause.transmitterEmpty { hasTransmitted = false }
        return cause | (isFIFOEnabled ? InterruptCause.fifoEnabled : 0)
    }

    /// Carrier, data set ready and clear to send; in loopback the modem control lines come back.
    private var modemStatus: UInt8 {
        guard isLoopback else { return 0xB0 }
        return (modemControl & 0x0C) << 4 | (modemControl & 0x02) << 3 | (modemControl & 0x01) << 5
    }

    /// Returns the byte to put on the wire, if the write was one.
    mutating func write(_ value: UInt8, _ offset: UInt64, canTransmit: Bool) -> UInt8? {
        switch offset {
        case 0 where isDivisorLatchOpen: divisorLow = value
        case 0: return transmit(value)
        case 1 where isDivisorLatchOpen: divisorHigh = value
        case 1: writeInterruptEnable(value, canTransmit: canTransmit)
        case 2: writeFIFOControl(value)
        case 3: lineControl = value
        case 4: modemControl = value & 0x1F
        case 7: scratch = value
        default: break
        }
        return nil
    }

    private mutating func transmit(_ byte: UInt8) -> UInt8? {
        idlePolls = 0
        hasTransmitted = false
        guard isLoopback else { return byte }
        hasTransmitted = true
        if received.count < UART16550.fifoDepth { received.append(byte) }
        return nil
    }

    /// Enabling the transmitter's interrupt while it is empty raises it (drivers test for that).
    private mutating func writeInterruptEnable(_ value: UInt8, canTransmit: Bool) {
        let enabled = value & 0x0F & ~interruptEnable
        interruptEnable = value & 0x0F
        if enabled & InterruptEnable.transmitterEmpty != 0, canTransmit { hasTransmitted = true }
    }

    private mutating func writeFIFOControl(_ value: UInt8) {
        isFIFOEnabled = value & 0x01 != 0
        if value & 0x02 != 0 {
            received.removeAll(keepingCapacity: true)
            idlePolls = 0
        }
    }
}
