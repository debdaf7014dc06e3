import Glibc
import GuestMemory
import Host
import Testing

@testable import Devices

/// Ports of a 16550A, by Linux's names (linux/serial_reg.h).
private enum Port {
    static let data: UInt64 = 0
    static let interruptEnable: UInt64 = 1
    static let interruptIdentification: UInt64 = 2
    static let fifoControl: UInt64 = 2
    static let lineControl: UInt64 = 3
    static let modemControl: UInt64 = 4
    static let lineStatus: UInt64 = 5
    static let modemStatus: UInt64 = 6
    static let scratch: UInt64 = 7
}

@Suite struct SerialDeviceTests {
    private final class Fixture {
        let input = Pipe()
        let output = Pipe()
        let loop: EventLoop
        let serial: SerialDevice

        init() throws {
            SignalFD.ignoreFailedWrites()
            loop = try EventLoop()
            serial = try SerialDevice(
                input: ConsoleInput(input.takeReader()), output: try ConsoleOutput(output.takeWriter()))
            try serial.attach(to: loop)
        }

        subscript(_ port: UInt64) -> UInt8 {
            get { UInt8(truncatingIfNeeded: serial.read(offset: port, width: 1)) }
            set { serial.write(UInt64(newValue), offset: port, width: 1) }
        }
    }

    @Test func passesLinuxsAutoconfiguration() throws {
        let uart = try Fixture()
        // Is there anything? (8250_port.c, autoconfig)
        uart[Port.interruptEnable] = 0
        #expect(uart[Port.interruptEnable] & 0x0F == 0)
        uart[Port.interruptEnable] = 0x0F
        #expect(uart[Port.interruptEnable] == 0x0F)
        uart[Port.interruptEnable] = 0
        // The loopback test: RTS and OUT2 come back as CTS and DCD.
        uart[Port.modemControl] = 0x1A
        #expect(uart[Port.modemStatus] & 0xF0 == 0x90)
        uart[Port.modemControl] = 0
        // No extended feature register: a 16550A and nothing later.
        uart[Port.lineControl] = 0xBF
        uart[Port.fifoControl] = 0
        uart[Port.lineControl] = 0
        uart[Port.fifoControl] = 1
        #expect(uart[Port.interruptIdentification] >> 6 == 3)
        uart[Port.lineControl] = 0x80
        #expect(uart[Port.interruptIdentification] != 0)
        uart[Port.lineControl] = 0xBF
        #expect(uart[Port.interruptIdentification] != 0)
        // No 64-byte FIFO: not a 16750.
        uart[Port.lineControl] = 0
        uart[Port.fifoControl] = 0x21
        #expect(uart[Port.interruptIdentification] >> 5 == 6)
        // No UART unit enable: not an XScale.
        uart[Port.interruptEnable] = 0x40
        #expect(uart[Port.interruptEnable] & 0x40 == 0)
    }

    @Test func passesLinuxsTransmitterInterruptTest() throws {
        let uart = try Fixture()
        uart[Port.interruptEnable] = 0x02
        #expect(uart[Port.interruptIdentification] & 0x0F == 0x02)
        uart[Port.interruptEnable] = 0
        #expect(uart[Port.interruptIdentification] & 0x0F == 0x01)
        uart[Port.interruptEnable] = 0x02
        #expect(uart[Port.interruptIdentification] & 0x0F == 0x02)
        #expect(uart[Port.interruptIdentification] & 0x0F == 0x01)
    }

    @Test func keepsTheDivisorBehindItsLatch() throws {
        let uart = try Fixture()
        uart[Port.lineControl] = 0x83
        uart[Port.data] = 1
        uart[Port.interruptEnable] = 2
        #expect((uart[Port.data], uart[Port.interruptEnable]) == (1, 2))
        uart[Port.lineControl] = 0x03
        #expect(uart[Port.interruptEnable] == 0)
        #expect(uart[Port.lineControl] == 0x03)
        uart[Port.scratch] = 0x5A
        #expect(uart[Port.scratch] == 0x5A)
    }

    @Test func printsForFirmwareThatPolls() throws {
        let uart = try Fixture()
        for byte in "firmware".utf8 {
            #expect(uart[Port.lineStatus] & 0x60 == 0x60)
            uart[Port.data] = byte
        }
        #expect(try uart.output.read(8) == Array("firmware".utf8))
    }

    @Test func interruptsWhenTheTransmitterIsEmptyAgain() throws {
        let uart = try Fixture()
        uart[Port.interruptEnable] = 0x02
        #expect(uart.serial.interrupt.drain() == 1)
        _ = uart[Port.interruptIdentification]
        uart[Port.data] = 1
        #expect(uart.serial.interrupt.drain() == 1)
        #expect(uart[Port.interruptIdentification] & 0x0F == 0x02)
    }

    @Test func aSlowReaderKeepsTheTransmitterBusyAndLosesNothing() throws {
        let uart = try Fixture()
        uart[Port.interruptEnable] = 0x02
        var sent = 0
        while uart[Port.lineStatus] & 0x20 != 0 {
            for _ in 0..<16 {
                uart[Port.data] = UInt8(truncatingIfNeeded: sent)
                sent += 1
            }
        }
        #expect(sent >= ConsoleOutput.capacity - 16)
        while uart[Port.interruptIdentification] & 0x01 == 0 {}
        uart.serial.interrupt.drain()

        #expect(try uart.output.read(sent) == (0..<sent).map { UInt8(truncatingIfNeeded: $0) })
        try uart.loop.run { uart.serial.interrupt.drain() > 0 }
        #expect(uart[Port.lineStatus] & 0x20 != 0)
        #expect(uart[Port.interruptIdentification] & 0x0F == 0x02)
    }

    @Test func roomThatIsTakenBeforeItIsOfferedIsWaitedForAgain() throws {
        let uart = try Fixture()
        uart[Port.interruptEnable] = 0x02
        /// Sends until the reader's standing still has reached the transmitter, and takes what that interrupted.
        func fill() -> Int {
            var sent = 0
            repeat {
                while uart[Port.lineStatus] & 0x20 != 0 {
                    for _ in 0..<16 { uart[Port.data] = 1 }
                    sent += 16
                }
                usleep(100_000)
            } while uart[Port.lineStatus] & 0x20 != 0
            while uart[Port.interruptIdentification] & 0x01 == 0 {}
            uart.serial.interrupt.drain()
            return sent
        }
        let first = fill()
        #expect(try uart.output.read(first).count == first)
        let second = fill()
        try uart.loop.runReady()
        #expect(uart.serial.interrupt.drain() == 0)

        #expect(try uart.output.read(second).count == second)
        try uart.loop.run { uart.serial.interrupt.drain() > 0 }
    }

    @Test func receivesWithInterrupts() throws {
        let uart = try Fixture()
        uart[Port.interruptEnable] = 0x01
        try uart.input.write(Array("hi".utf8))
        try uart.loop.runReady()
        #expect(uart.serial.interrupt.drain() == 1)
        #expect(uart[Port.interruptIdentification] & 0x0F == 0x04)
        #expect(uart[Port.lineStatus] & 1 == 1)
        #expect(uart[Port.data] == UInt8(ascii: "h"))
        #expect(uart[Port.data] == UInt8(ascii: "i"))
        #expect(uart[Port.lineStatus] & 1 == 0)
        #expect(uart[Port.interruptIdentification] & 0x0F == 0x01)
    }

    @Test func keepsInputForADriverThatEmptiesTheFIFOFirst() throws {
        let uart = try Fixture()
        try uart.input.write(Array("hi".utf8))
        uart[Port.interruptEnable] = 0x0F
        try uart.loop.runReady()
        uart[Port.interruptEnable] = 0
        uart[Port.fifoControl] = 0x07
        #expect(uart[Port.lineStatus] & 1 == 0)
        uart[Port.interruptEnable] = 0x05
        try uart.loop.runReady()
        #expect(uart[Port.data] == UInt8(ascii: "h"))
        #expect(uart[Port.data] == UInt8(ascii: "i"))
    }

    @Test func receivesMoreThanItsFIFOHolds() throws {
        let uart = try Fixture()
        let text = Array("a line that is longer than sixteen bytes\n".utf8)
        try uart.input.write(text)
        var received: [UInt8] = []
        while received.count < text.count {
            try uart.loop.runReady()
            while uart[Port.lineStatus] & 1 == 1 { received.append(uart[Port.data]) }
        }
        #expect(received == text)
    }

    @Test func loopsBackWhatItSends() throws {
        let uart = try Fixture()
        uart[Port.modemControl] = 0x10
        for byte in 0..<20 as Range<UInt8> { uart[Port.data] = byte }
        #expect((0..<16).map { _ in uart[Port.data] } == Array(0..<16))
        #expect(uart[Port.lineStatus] & 1 == 0)
        uart[Port.data] = 1
        uart[Port.fifoControl] = 0x03
        #expect(uart[Port.lineStatus] & 1 == 0)
    }

    @Test func isOneByteWide() throws {
        let uart = try Fixture()
        #expect(uart.serial.read(offset: 0, width: 2) == 0xFFFF)
        #expect(uart.serial.read(offset: 8, width: 1) == 0xFF)
        uart.serial.write(0x5A5A, offset: 7, width: 2)
        #expect(uart[Port.scratch] == 0)
    }
}
