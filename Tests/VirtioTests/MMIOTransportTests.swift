import GuestMemory
import Host
import Testing
import VirtioTestKit
import struct Synchronization.Atomic

@testable import Virtio

private typealias Register = DriverMock.Register

@Suite struct MMIOTransportTests {
    let memory: GuestMemory
    let device: EchoDevice
    let transport: MMIOTransport
    let driver: DriverMock
    let queue: DriverQueue

    init() throws {
        memory = try GuestMemory([(GuestAddress(0), 0x20000)])
        device = try EchoDevice(memory)
        transport = MMIOTransport(device)
        driver = DriverMock(transport)
        queue = DriverQueue(memory, base: 0x10000, size: 16)
    }

    /// A loop that makes the device give up.
    func breakQueue() throws {
        try queue.setDescriptor(0, RawDescriptor(0, 1, flags: RawDescriptor.hasNext, next: 0))
        try queue.makeAvailable(0)
        device.poll(0)
    }

    // MARK: Registers

    @Test func identifiesItself() {
        #expect(driver[Register.magicValue] == 0x7472_6976)
        #expect(driver[Register.version] == 2)
        #expect(driver[Register.deviceID] == 42)
        #expect(driver[Register.vendorID] == 0x7375_7061)
    }

    @Test(arguments: [(0, 1), (0, 2), (0, 8), (1, 4), (2, 4), (3, 1)] as [(UInt64, Int)])
    func takesOnlyAligned32BitAccesses(offset: UInt64, width: Int) {
        #expect(transport.read(offset: offset, width: width) == 0)
        transport.write(1, offset: Register.status + offset, width: width)
        #expect(driver.status == [])
    }

    @Test func registersThatAreNotThereReadAsZero() {
        for offset in [0x018, 0x028, 0x040, 0x048, 0x054, 0x068, 0x074, 0x088, 0x0A8, 0x0C0, 0x0F8] as [UInt64] {
            #expect(driver[offset] == 0)
            driver[offset] = 1
        }
        #expect(driver.status == [])
    }

    @Test func sharedMemoryHasTheLengthMinusOne() {
        #expect(driver[Register.sharedMemoryLengthLow] == .max)
        #expect(driver[Register.sharedMemoryLengthLow + 4] == .max)
    }

    @Test func configurationIsReadInAnyWidth() {
        #expect(transport.read(offset: 0x100, width: 1) == 0x88)
        #expect(transport.read(offset: 0x101, width: 2) == 0x6677)
        #expect(transport.read(offset: 0x104, width: 4) == 0x1122_3344)
        #expect(transport.read(offset: 0x100, width: 8) == 0x1122_3344_5566_7788)
        #expect(transport.read(offset: 0x10B, width: 1) == 0x99)
    }

    @Test(
        arguments: [
            (0x10C, 1), (0x10B, 2), (0x109, 4), (0x105, 8), (0x100, 3), (0x100, 0), (0x100, -1), (0x100, 16),
            (UInt64.max, 1), (UInt64.max, 8), (0xFFF, 8),
        ] as [(UInt64, Int)])
    func configurationIsNotReadOrWrittenPastItsEnd(offset: UInt64, width: Int) {
        #expect(transport.read(offset: offset, width: width) == 0)
        transport.write(7, offset: offset, width: width)
        #expect(device.configurationWrites == [])
    }

    @Test func configurationIsReadableBeforeFeaturesAreAgreed() {
        #expect(driver.status == [])
        #expect(driver[Register.configuration] == 0x5566_7788)
        driver[Register.configuration] = 5
        #expect(device.configurationWrites == [5])
    }

    @Test func configurationGenerationGrowsAndSurvivesAReset() {
        let before = driver[Register.configurationGeneration]
        device.updateConfiguration { $0.update(UInt32(1), at: 8) }
        let after = driver[Register.configurationGeneration]
        driver.reset()
        #expect(after > before)
        #expect(driver[Register.configurationGeneration] == after)
        #expect(driver[Register.configuration + 8] == 1)
    }

    // MARK: Features

    @Test func featuresGoThroughTwoBanks() {
        #expect(driver.offeredFeatures() == [.version1, .eventIndex, .indirectDescriptors, VirtioFeatures(bit: 3)])
        driver[Register.deviceFeaturesSelect] = 2
        #expect(driver[Register.deviceFeatures] == 0)
    }

    @Test(
        arguments: [
            [], [.eventIndex], [.version1, VirtioFeatures(bit: 4)], [.version1, VirtioFeatures(bit: 63)],
            [.version1, VirtioFeatures(bit: 33)],
        ] as [VirtioFeatures])
    func refusesFeaturesThatItCannotServe(features: VirtioFeatures) {
        driver.addStatus([.acknowledge, .driver])
        driver.acceptFeatures(features)
        driver.addStatus(.featuresOK)
        #expect(driver.status == [.acknowledge, .driver])
    }

    @Test func banksBeyondTheSecondAreIgnored() {
        driver.acceptFeatures(.version1)
        driver[Register.driverFeaturesSelect] = 2
        driver[Register.driverFeatures] = .max
        driver[Register.driverFeaturesSelect] = .max
        driver[Register.driverFeatures] = .max
        driver.addStatus(.featuresOK)
        #expect(driver.status == .featuresOK)
    }

    @Test func featuresFreezeAtFeaturesOK() throws {
        try driver.negotiate(without: .indirectDescriptors)
        driver.acceptFeatures(driver.offeredFeatures())
        driver.setUp(queue.configuration, at: 0)
        driver.addStatus(.driverOK)
        try queue.addIndirect([.readable(0, 1)])

        device.poll(0)

        #expect(driver.status.contains(.needsReset))
    }

    // MARK: Status

    @Test func statusBitsAreOnlyAdded() {
        driver[Register.status] = 3
        driver[Register.status] = 1
        #expect(driver.status == [.acknowledge, .driver])
    }

    @Test func aDriverCannotSetNeedsReset() {
        driver[Register.status] = 0xFFFF_FF40 | 1
        #expect(!driver.status.contains(.needsReset))
    }

    @Test func driverOKNeedsFeaturesOK() throws {
        driver.setUp(queue.configuration, at: 0)
        driver[Register.status] = 7
        #expect(driver.status == [.acknowledge, .driver])
        try queue.add([.writable(0, 1)])
        device.poll(0)
        #expect(try queue.usedIndex() == 0)
    }

    @Test func driverOKInTheSameWriteAsFeaturesOKIsTooEarly() {
        driver.acceptFeatures(.version1)
        driver[Register.status] = 15
        #expect(driver.status == [.acknowledge, .driver, .featuresOK])
    }

    // MARK: Queues

    @Test func absentQueuesHaveNoSize() {
        driver[Register.queueSelect] = 1
        #expect(driver[Register.queueSizeMaximum] == 64)
        for absent in [2, .max] as [UInt32] {
            driver[Register.queueSelect] = absent
            #expect(driver[Register.queueSizeMaximum] == 0)
            driver[Register.queueSize] = 16
            driver[Register.queueReady] = 1
            #expect(driver[Register.queueReady] == 0)
        }
    }

    @Test func aNotificationThatReachesTheTransportRingsTheDoorbell() {
        driver.ring(1)
        #expect(transport.doorbells[0].drain() == 0)
        #expect(transport.doorbells[1].drain() == 1)
    }

    @Test func notificationsOfAbsentQueuesAreIgnored() {
        driver.ring(2)
        driver.ring(.max)
        #expect(transport.doorbells.map { $0.drain() } == [0, 0])
    }

    @Test func nothingIsConsumedOrInterruptedBeforeDriverOK() throws {
        try driver.negotiate()
        driver.setUp(queue.configuration, at: 0)
        try queue.add([.writable(0, 1)])
        driver.ring(0)

        device.poll(0)

        #expect(try queue.usedIndex() == 0)
        #expect(transport.interrupt.drain() == 0)
    }

    @Test func driverOKRingsForWhatCameBefore() throws {
        try driver.negotiate()
        driver.setUp(queue.configuration, at: 0)
        try queue.add([.writable(0, 1)])
        driver.addStatus(.driverOK)
        #expect(transport.doorbells[0].drain() == 1)

        device.poll(0)

        #expect(try queue.takeUsed() == UsedElement(head: 0, written: 1))
        #expect(driver[Register.interruptStatus] == 1)
        #expect(transport.interrupt.drain() == 1)
    }

    @Test func sizeAndAddressesFreezeWhileAQueueIsReady() throws {
        try driver.negotiate()
        driver.setUp(queue.configuration, at: 0)
        driver[Register.queueSize] = 3
        driver[Register.queueDescriptorLow] = 7
        driver.addStatus(.driverOK)
        driver[Register.queueDriverLow] = 7
        try queue.add([.writable(0, 1)])

        device.poll(0)

        #expect(try queue.usedIndex() == 1)
        #expect(!driver.status.contains(.needsReset))
    }

    @Test func aQueueIsNotMadeReadyAfterDriverOK() throws {
        try driver.start([queue])
        let late = DriverQueue(memory, base: 0x18000, size: 16)
        driver.setUp(late.configuration, at: 1)
        #expect(driver[Register.queueReady] == 0)
        try late.add([.writable(0, 1)])
        device.poll(1)
        #expect(try late.usedIndex() == 0)
    }

    @Test func aQueueThatIsNoLongerReadyIsNotTouched() throws {
        try driver.start([queue])
        driver[Register.queueSelect] = 0
        driver[Register.queueReady] = 0
        #expect(driver[Register.queueReady] == 0)
        try queue.add([.writable(0, 1)])
        device.poll(0)
        #expect(try queue.usedIndex() == 0)
    }

    @Test func anUnusableQueueNeedsAReset() throws {
        try driver.negotiate()
        var configuration = queue.configuration
        configuration.size = 128  // over the device's maximum
        driver.setUp(configuration, at: 0)
        driver.addStatus(.driverOK)
        #expect(driver.status.contains([.driverOK, .needsReset]))
        #expect(driver[Register.interruptStatus] == 2)
    }

    @Test func aSizeThatDoesNotFit16BitsIsUnusable() throws {
        try driver.negotiate()
        driver[Register.queueSelect] = 0
        driver.setUp(queue.configuration, at: 0)
        driver[Register.queueReady] = 0
        driver[Register.queueSize] = 0x1_0010
        driver[Register.queueReady] = 1
        driver.addStatus(.driverOK)
        #expect(driver.status.contains(.needsReset))
    }

    // MARK: Interrupts

    @Test func onlyAcknowledgedCausesAreCleared() throws {
        try driver.start([queue])
        try queue.add([.writable(0, 1)])
        device.poll(0)
        device.updateConfiguration { $0.update(UInt8(1), at: 0) }
        #expect(driver[Register.interruptStatus] == 3)
        driver[Register.interruptAcknowledge] = 1
        #expect(driver[Register.interruptStatus] == 2)
        driver[Register.interruptAcknowledge] = .max
        #expect(driver[Register.interruptStatus] == 0)
    }

    @Test func theCauseIsThereBeforeTheLineRises() throws {
        try driver.start([queue])
        let line = device.interruptLine
        let thread = try Thread(name: "raiser") {
            for _ in 0..<1_000 { line.raise(.usedBuffer) }
        }
        let loop = try EventLoop()
        var rises: UInt64 = 0
        try loop.add(line.event.rawValue, .readable) {
            rises += line.event.drain()
            #expect(line.pending == .usedBuffer)
        }
        while rises < 1_000 { try loop.runOnce(timeoutMilliseconds: -1) }
        thread.join()
    }

    @Test func aBrokenQueueNeedsAResetAndIsIgnoredUntilThen() throws {
        try driver.start([queue], without: .eventIndex)
        try breakQueue()
        #expect(driver.status.contains(.needsReset))
        #expect(driver[Register.interruptStatus] == 2)
        #expect(transport.interrupt.drain() == 1)

        try queue.add([.writable(0, 1)])
        device.poll(0)
        #expect(try queue.usedIndex() == 0)
        #expect(transport.interrupt.drain() == 0)

        let fresh = DriverQueue(memory, base: 0x18000, size: 16)
        try driver.start([fresh])
        try fresh.add([.writable(0, 1)])
        device.poll(0)
        #expect(try fresh.usedIndex() == 1)
        #expect(!driver.status.contains(.needsReset))
    }

    @Test func oneInterruptAnswersABatch() throws {
        try driver.start([queue], without: .eventIndex)
        for _ in 0..<5 { try queue.add([.writable(0, 1)]) }
        device.poll(0)
        #expect(try queue.usedIndex() == 5)
        #expect(transport.interrupt.drain() == 1)
    }

    // MARK: Reset

    @Test func resetClearsEverything() throws {
        try driver.start([queue])
        try queue.add([.writable(0, 1)])
        device.poll(0)
        let resets = device.resets

        driver.reset()

        #expect(driver.status == [])
        #expect(driver[Register.interruptStatus] == 0)
        driver[Register.queueSelect] = 0
        #expect(driver[Register.queueReady] == 0)
        #expect(device.resets == resets + 1)
    }

    @Test func afterAResetAQueueHasNoSize() throws {
        try driver.start([queue])
        try driver.negotiate()
        driver[Register.queueReady] = 1
        driver.addStatus(.driverOK)
        #expect(driver.status.contains(.needsReset))
    }

    @Test func afterAResetNoFeatureIsAccepted() throws {
        try driver.start([queue])
        driver.reset()
        driver.addStatus(.featuresOK)
        #expect(driver.status == [])
    }

    @Test func afterAResetNoQueueIsTouchedAndNoInterruptRaised() throws {
        try driver.start([queue])
        driver.reset()
        transport.interrupt.drain()
        try queue.add([.writable(0, 1)])
        device.poll(0)
        device.updateConfiguration { $0.update(UInt8(1), at: 0) }
        #expect(try queue.usedIndex() == 0)
        #expect(transport.interrupt.drain() == 0)
    }

    /// A request in flight, until `end` is signalled or, where `endsOnReset`, a reset asks for it.
    private func withRequestInFlight(
        endsOnReset: Bool, _ body: (_ end: EventFD, _ request: Flag) throws -> Void
    ) throws {
        try driver.start([queue], without: .eventIndex)
        try queue.add([.writable(0, 1)])
        let begun = try EventFD()
        let end = try EventFD()
        let flag = Flag()
        let device = device
        let thread = try Thread(name: "worker") {
            device.serve(0) { (queue) throws(VirtqueueError) in
                guard let chain = try queue.pop() else { return }
                begun.signal()
                while endsOnReset ? !device.mustYield : end.drain() == 0 {}
                for _ in 0..<1_000_000 { flag.spin() }
                try queue.complete(chain.head, written: 1)
                flag.end()
            }
        }
        let loop = try EventLoop()
        try loop.add(begun.rawValue, .readable) {}
        try loop.runOnce(timeoutMilliseconds: -1)
        try body(end, flag)
        thread.join()
    }

    @Test func aResetWaitsForTheRequestInFlight() throws {
        try withRequestInFlight(endsOnReset: true) { _, request in
            driver.reset()
            #expect(request.hasEnded)
            #expect(driver[Register.interruptStatus] == 0)
            #expect(driver.status == [])
        }
    }

    @Test func aStoppedQueueWaitsForTheRequestInFlight() throws {
        try withRequestInFlight(endsOnReset: true) { _, request in
            driver[Register.queueSelect] = 0
            driver[Register.queueReady] = 0
            #expect(request.hasEnded)
        }
    }

    /// Would hang, were any of these to wait for the request.
    @Test func interruptAndConfigurationRegistersDoNotWaitForTheRequestInFlight() throws {
        try withRequestInFlight(endsOnReset: false) { end, request in
            _ = driver[Register.interruptStatus]
            driver[Register.interruptAcknowledge] = 3
            _ = driver[Register.configuration]
            driver[Register.configuration] = 1
            _ = driver[Register.configurationGeneration]
            _ = driver.status
            driver.ring(0)
            #expect(!request.hasEnded)
            end.signal()
        }
    }

    private final class Flag: Sendable {
        private let ended = Atomic<Bool>(false)
        private let counter = Atomic<Int>(0)
        var hasEnded: Bool { ended.load(ordering: .sequentiallyConsistent) }
        func end() { ended.store(true, ordering: .sequentiallyConsistent) }
        func spin() { counter.add(1, ordering: .relaxed) }
    }
}
