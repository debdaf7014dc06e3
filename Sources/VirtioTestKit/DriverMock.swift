// A driver of a virtio-mmio device: registers as Linux's virtio_mmio.c writes them, one call a step.

import GuestMemory
import Host
public import Virtio

public final class DriverMock {
    /// Register offsets (virtio 1.2, 4.2.2), spelled here again so that a wrong one in the transport shows.
    public enum Register {
        public static var magicValue: UInt64 { 0x000 }
        public static var version: UInt64 { 0x004 }
        public static var deviceID: UInt64 { 0x008 }
        public static var vendorID: UInt64 { 0x00C }
        public static var deviceFeatures: UInt64 { 0x010 }
        public static var deviceFeaturesSelect: UInt64 { 0x014 }
        public static var driverFeatures: UInt64 { 0x020 }
        public static var driverFeaturesSelect: UInt64 { 0x024 }
        public static var queueSelect: UInt64 { 0x030 }
        public static var queueSizeMaximum: UInt64 { 0x034 }
        public static var queueSize: UInt64 { 0x038 }
        public static var queueReady: UInt64 { 0x044 }
        public static var queueNotify: UInt64 { 0x050 }
        public static var interruptStatus: UInt64 { 0x060 }
        public static var interruptAcknowledge: UInt64 { 0x064 }
        public static var status: UInt64 { 0x070 }
        public static var queueDescriptorLow: UInt64 { 0x080 }
        public static var queueDriverLow: UInt64 { 0x090 }
        public static var queueDeviceLow: UInt64 { 0x0A0 }
        public static var sharedMemoryLengthLow: UInt64 { 0x0B0 }
        public static var configurationGeneration: UInt64 { 0x0FC }
        public static var configuration: UInt64 { 0x100 }
    }

    public enum Failure: Error {
        /// The device did not keep FEATURES_OK.
        case featuresRefused
        /// The device gave no interrupt for ten seconds.
        case noInterrupt
    }

    public let transport: MMIOTransport

    public init(_ transport: MMIOTransport) { self.transport = transport }

    public subscript(_ offset: UInt64) -> UInt32 {
        get { UInt32(truncatingIfNeeded: transport.read(offset: offset, width: 4)) }
        set { transport.write(UInt64(newValue), offset: offset, width: 4) }
    }

    public var status: DeviceStatus { DeviceStatus(rawValue: self[Register.status]) }

    public func addStatus(_ bits: DeviceStatus) { self[Register.status] = status.union(bits).rawValue }

    public func reset() { self[Register.status] = 0 }

    public func offeredFeatures() -> VirtioFeatures {
        self[Register.deviceFeaturesSelect] = 0
        let low = self[Register.deviceFeatures]
        self[Register.deviceFeaturesSelect] = 1
        return VirtioFeatures(rawValue: UInt64(low) | UInt64(self[Register.deviceFeatures]) << 32)
    }

    public func acceptFeatures(_ features: VirtioFeatures) {
        self[Register.driverFeaturesSelect] = 0
        self[Register.driverFeatures] = UInt32(truncatingIfNeeded: features.rawValue)
        self[Register.driverFeaturesSelect] = 1
        self[Register.driverFeatures] = UInt32(features.rawValue >> 32)
    }

    public func setUp(_ queue: VirtqueueConfiguration, at index: UInt32) {
        self[Register.queueSelect] = index
        self[Register.queueSize] = UInt32(queue.size)
        for (register, address) in [
            (Register.queueDescriptorLow, queue.descriptorTable), (Register.queueDriverLow, queue.availableRing),
            (Register.queueDeviceLow, queue.usedRing),
        ] {
            self[register] = UInt32(truncatingIfNeeded: address.rawValue)
            self[register + 4] = UInt32(address.rawValue >> 32)
        }
        self[Register.queueReady] = 1
    }

    /// Steps 1 to 6 of the initialisation (virtio 1.2, 3.1.1): up to FEATURES_OK.
    public func negotiate(without refused: VirtioFeatures = []) throws {
        reset()
        addStatus(.acknowledge)
        addStatus(.driver)
        acceptFeatures(offeredFeatures().subtracting(refused))
        addStatus(.featuresOK)
        guard status.contains(.featuresOK) else { throw Failure.featuresRefused }
    }

    /// The whole initialisation, with these queues from index 0 on.
    public func start(_ queues: [DriverQueue], without refused: VirtioFeatures = []) throws {
        try negotiate(without: refused)
        for (index, queue) in queues.enumerated() { setUp(queue.configuration, at: UInt32(index)) }
        addStatus(.driverOK)
    }

    public func ring(_ queue: UInt32) { self[Register.queueNotify] = queue }

    /// Handles interrupts, as a driver does, until `condition` holds.
    public func handleInterrupts(until condition: () throws -> Bool) throws {
        let loop = try EventLoop()
        try loop.add(transport.interrupt.rawValue, .readable) { [self] in
            transport.interrupt.drain()
            self[Register.interruptAcknowledge] = self[Register.interruptStatus]
        }
        while try !condition() {
            guard try loop.runOnce(timeoutMilliseconds: 10_000) else { throw Failure.noInterrupt }
        }
    }
}
