import GuestMemory
import Host
import Testing

@testable import Devices

@Suite struct BusDeviceTests {
    @Test func anEmptyBusReadsAsOnes() {
        let device = BusDevice()
        #expect(device.read(offset: 0, width: 1) == 0xFF)
        #expect(device.read(offset: 0, width: 2) == 0xFFFF)
        #expect(device.read(offset: 0, width: 4) == 0xFFFF_FFFF)
        #expect(device.read(offset: 0, width: 8) == .max)
        device.write(1, offset: 0, width: 4)
    }
}

@Suite struct I8042Tests {
    @Test func isAbsentButForItsResetLine() {
        var resets = 0
        let controller = I8042 { resets += 1 }

        for port in 0..<4 as Range<UInt64> { #expect(controller.read(offset: port, width: 1) == 0xFF) }
        // Output buffer full for ever: there is no controller. Input buffer empty: a reset need not wait.
        #expect(controller.read(offset: 4, width: 1) == 0xFD)
        controller.write(0xAA, offset: 4, width: 1)
        controller.write(0xFE, offset: 0, width: 1)
        controller.write(0xFE, offset: 4, width: 2)
        #expect(resets == 0)

        controller.write(0xFE, offset: 4, width: 1)
        #expect(resets == 1)
    }
}

@Suite struct GuestSignalPortTests {
    @Test func reportsReadyOnceWithItsTime() {
        var signals: [GuestSignal] = []
        let port = GuestSignalPort { signals.append($0) }
        let before = MonotonicClock.now

        port.write(1, offset: 0, width: 1)
        let after = MonotonicClock.now
        port.write(1, offset: 0, width: 1)

        let times = signals.compactMap { if case .ready(let nanoseconds) = $0 { nanoseconds } else { nil } }
        #expect(signals.count == 1)
        #expect(times.allSatisfy { (before...after).contains($0) } && times.count == 1)
    }

    @Test(
        arguments: [
            (2, [.powerOff]), (3, [.selfTestPassed]), (4, [.selfTestFailed]), (0, []), (5, []), (0xFF, []),
        ] as [(UInt64, [GuestSignal])])
    func reports(value: UInt64, expected: [GuestSignal]) {
        var signals: [GuestSignal] = []
        let port = GuestSignalPort { signals.append($0) }
        port.write(value, offset: 0, width: 1)
        port.write(value, offset: 0, width: 4)
        #expect(signals == expected)
        #expect(port.read(offset: 0, width: 1) == 0xFF)
    }
}
