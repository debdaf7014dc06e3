// virtio over MMIO, version 2 (virtio 1.2, 4.2.2): one page of registers, then the configuration space.

public import GuestMemory
public import Host

/// Shows a device to the guest at a page of guest physical addresses.
///
/// vCPU threads call `read` and `write`. Only a write of Status or QueueReady waits, for the request in flight.
public final class MMIOTransport: BusDevice, @unchecked Sendable {
    // @unchecked: the registers are behind a lock, the device guards itself.

    public let device: VirtioDevice
    private let registers: Mutex<Registers>

    /// Bytes of guest physical address space that a transport takes.
    public static var windowSize: UInt64 { 0x1000 }
    /// Where a doorbell is in the window: a write of 4 bytes whose value is the queue's index.
    public static var queueNotifyOffset: UInt64 { Register.queueNotify }

    public init(_ device: VirtioDevice) {
        self.device = device
        registers = Mutex(Registers(queueCount: device.queueMaximumSizes.count))
    }

    /// To be bound to an irqfd.
    public var interrupt: EventFD { device.interruptLine.event }
    /// To be bound to ioeventfds at `queueNotifyOffset`, each with its index as the value to match.
    public var doorbells: [EventFD] { device.doorbells }

    /// What the driver has selected and set; cleared by a reset.
    private struct Registers {
        struct Queue {
            var configuration = VirtqueueConfiguration()
            var isReady = false
        }

        var deviceFeaturesBank: UInt32 = 0
        var driverFeaturesBank: UInt32 = 0
        var driverFeatures: UInt64 = 0
        var selectedQueue: UInt32 = 0
        var queues: [Queue]

        init(queueCount: Int) { queues = [Queue](repeating: Queue(), count: queueCount) }

        var selection: Int? { selectedQueue < queues.count ? Int(selectedQueue) : nil }
    }

    /// Offsets of the registers (linux/virtio_mmio.h).
    private enum Register {
        static var magicValue: UInt64 { 0x000 }
        static var version: UInt64 { 0x004 }
        static var deviceID: UInt64 { 0x008 }
        static var vendorID: UInt64 { 0x00C }
        static var deviceFeatures: UInt64 { 0x010 }
        static var deviceFeaturesSelect: UInt64 { 0x014 }
        static var driverFeatures: UInt64 { 0x020 }
        static var driverFeaturesSelect: UInt64 { 0x024 }
        static var queueSelect: UInt64 { 0x030 }
        static var queueSizeMaximum: UInt64 { 0x034 }
        static var queueSize: UInt64 { 0x038 }
        static var queueReady: UInt64 { 0x044 }
        static var queueNotify: UInt64 { 0x050 }
        static var interruptStatus: UInt64 { 0x060 }
        static var interruptAcknowledge: UInt64 { 0x064 }
        static var status: UInt64 { 0x070 }
        static var queueDescriptorLow: UInt64 { 0x080 }
        static var queueDescriptorHigh: UInt64 { 0x084 }
        static var queueDriverLow: UInt64 { 0x090 }
        static var queueDriverHigh: UInt64 { 0x094 }
        static var queueDeviceLow: UInt64 { 0x0A0 }
        static var queueDeviceHigh: UInt64 { 0x0A4 }
        static var sharedMemoryLengthLow: UInt64 { 0x0B0 }
        static var sharedMemoryBaseHigh: UInt64 { 0x0BC }
        static var configurationGeneration: UInt64 { 0x0FC }
        static var configuration: UInt64 { 0x100 }
    }

    // MARK: Reading

    public override func read(offset: UInt64, width: Int) -> UInt64 {
        if offset >= Register.configuration {
            return device.readConfiguration(offset: offset - Register.configuration, width: width)
        }
        guard width == 4, offset % 4 == 0 else { return 0 }
        return UInt64(readRegister(offset))
    }

    private func readRegister(_ offset: UInt64) -> UInt32 {
        switch offset {
        case Register.magicValue: 0x7472_6976  // "virt"
        case Register.version: 2
        case Register.deviceID: device.deviceID
        case Register.vendorID: 0x7375_7061  // "apus"
        case Register.deviceFeatures: deviceFeatures
        case Register.queueSizeMaximum: queueSizeMaximum
        case Register.queueReady: isSelectedQueueReady ? 1 : 0
        case Register.interruptStatus: device.interruptLine.pending.rawValue
        case Register.status: device.deviceStatus.rawValue
        // A region that is not there has the length -1 (4.2.2.1).
        case Register.sharedMemoryLengthLow...Register.sharedMemoryBaseHigh: .max
        case Register.configurationGeneration: device.configurationGeneration
        default: 0
        }
    }

    private var deviceFeatures: UInt32 {
        switch registers.withLock({ $0.deviceFeaturesBank }) {
        case 0: UInt32(truncatingIfNeeded: device.offeredFeatures.rawValue)
        case 1: UInt32(truncatingIfNeeded: device.offeredFeatures.rawValue >> 32)
        default: 0
        }
    }

    private var queueSizeMaximum: UInt32 {
        guard let index = registers.withLock({ $0.selection }) else { return 0 }
        return UInt32(device.queueMaximumSizes[index])
    }

    private var isSelectedQueueReady: Bool {
        registers.withLock { registers in
            guard let index = registers.selection else { return false }
            return registers.queues[index].isReady
        }
    }

    // MARK: Writing

    public override func write(_ value: UInt64, offset: UInt64, width: Int) {
        if offset >= Register.configuration {
            device.writeConfiguration(value, offset: offset - Register.configuration, width: width)
            return
        }
        guard width == 4, offset % 4 == 0 else { return }
        let value = UInt32(truncatingIfNeeded: value)
        switch offset {
        case Register.queueNotify:
            if value < device.doorbells.count { device.doorbells[Int(value)].signal() }
        case Register.interruptAcknowledge:
            device.interruptLine.acknowledge(InterruptLine.Cause(rawValue: value))
        default:
            registers.withLock { writeRegister(offset, value, &$0) }
        }
    }

    private func writeRegister(_ offset: UInt64, _ value: UInt32, _ registers: inout Registers) {
        switch offset {
        case Register.deviceFeaturesSelect: registers.deviceFeaturesBank = value
        case Register.driverFeaturesSelect: registers.driverFeaturesBank = value
        case Register.driverFeatures: acceptFeatures(value, &registers)
        case Register.queueSelect: registers.selectedQueue = value
        case Register.queueReady: setQueueReady(value, &registers)
        case Register.status: writeStatus(value, &registers)
        default: configureQueue(offset, value, &registers)
        }
    }

    private func acceptFeatures(_ value: UInt32, _ registers: inout Registers) {
        guard !device.deviceStatus.contains(.featuresOK), registers.driverFeaturesBank < 2 else { return }
        let shift = UInt64(registers.driverFeaturesBank * 32)
        registers.driverFeatures &= ~(UInt64(UInt32.max) << shift)
        registers.driverFeatures |= UInt64(value) << shift
    }

    /// Size and addresses stand still while a queue is ready and from DRIVER_OK on.
    private func configureQueue(_ offset: UInt64, _ value: UInt32, _ registers: inout Registers) {
        guard let index = registers.selection, !registers.queues[index].isReady,
            !device.deviceStatus.contains(.driverOK)
        else { return }
        var queue = registers.queues[index].configuration
        switch offset {
        // A size that does not fit 16 bits is as unusable as 0.
        case Register.queueSize: queue.size = UInt16(exactly: value) ?? 0
        case Register.queueDescriptorLow: queue.descriptorTable.setLow(value)
        case Register.queueDescriptorHigh: queue.descriptorTable.setHigh(value)
        case Register.queueDriverLow: queue.availableRing.setLow(value)
        case Register.queueDriverHigh: queue.availableRing.setHigh(value)
        case Register.queueDeviceLow: queue.usedRing.setLow(value)
        case Register.queueDeviceHigh: queue.usedRing.setHigh(value)
        default: return
        }
        registers.queues[index].configuration = queue
    }

    private func setQueueReady(_ value: UInt32, _ registers: inout Registers) {
        guard let index = registers.selection else { return }
        let isRunning = device.deviceStatus.contains(.driverOK)
        if value & 1 == 0 {
            registers.queues[index].isReady = false
            if isRunning { device.stopQueue(index) }
        } else if !isRunning {
            registers.queues[index].isReady = true
        }
    }

    /// Bits are only added, but for a reset.
    private func writeStatus(_ value: UInt32, _ registers: inout Registers) {
        guard value != 0 else {
            device.reset()
            registers = Registers(queueCount: registers.queues.count)
            return
        }
        let old = device.deviceStatus
        var added = DeviceStatus(rawValue: value).intersection(.driverBits).subtracting(old)
        let features = VirtioFeatures(rawValue: registers.driverFeatures)
        if added.contains(.featuresOK), !isServable(features) { added.remove(.featuresOK) }
        let starts = added.remove(.driverOK) != nil && old.contains(.featuresOK)
        device.addStatus(added)
        if starts {
            device.activate(registers.queues.map { $0.isReady ? $0.configuration : nil }, features: features)
        }
    }

    /// Nothing that was not offered, and no legacy driver.
    private func isServable(_ features: VirtioFeatures) -> Bool {
        features.isSubset(of: device.offeredFeatures) && features.contains(.version1)
    }
}

extension GuestAddress {
    fileprivate mutating func setLow(_ value: UInt32) {
        self = GuestAddress(rawValue & ~UInt64(UInt32.max) | UInt64(value))
    }

    fileprivate mutating func setHigh(_ value: UInt32) {
        self = GuestAddress(rawValue & UInt64(UInt32.max) | UInt64(value) << 32)
    }
}
