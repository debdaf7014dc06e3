// The registers of one virtio-mmio transport (Virtio 1.2, section 4.2.2), and a driver's way through them.
import Hardware

struct VirtioMMIO {
    enum Register: UInt64 {
        case magicValue = 0x000
        case version = 0x004
        case deviceID = 0x008
        case deviceFeatures = 0x010
        case deviceFeaturesSelect = 0x014
        case driverFeatures = 0x020
        case driverFeaturesSelect = 0x024
        case queueSelect = 0x030
        case queueSizeMax = 0x034
        case queueSize = 0x038
        case queueReady = 0x044
        case queueNotify = 0x050
        case interruptStatus = 0x060
        case interruptAcknowledge = 0x064
        case status = 0x070
        case queueDescriptorsLow = 0x080
        case queueDescriptorsHigh = 0x084
        case queueDriverLow = 0x090
        case queueDriverHigh = 0x094
        case queueDeviceLow = 0x0A0
        case queueDeviceHigh = 0x0A4
    }

    /// Device status bits (section 2.1).
    enum Status {
        static let acknowledge: UInt32 = 1
        static let driver: UInt32 = 2
        static let driverOK: UInt32 = 4
        static let featuresOK: UInt32 = 8
    }

    /// Feature bits that belong to no device type (section 6).
    enum Feature {
        static let indirectDescriptors: UInt64 = 1 << 28
        static let eventIndex: UInt64 = 1 << 29
        static let version1: UInt64 = 1 << 32
    }

    /// InterruptStatus bit 0: the device used a buffer.
    static let usedBuffer: UInt32 = 1

    static let blockDevice: UInt32 = 2

    let base: UInt64
    let globalInterrupt: UInt32

    /// Transport `index`, if there is one and a device on it.
    init?(_ index: Int, in layout: PlatformLayout) {
        base = layout.firstDevice + UInt64(index) * layout.stride
        globalInterrupt = layout.globalInterrupt(ofDevice: index)
        let virt: UInt32 = 0x7472_6976
        guard self[.magicValue] == virt, self[.version] == 2, deviceID != 0 else { return nil }
    }

    subscript(register: Register) -> UInt32 {
        get { load32(base + register.rawValue) }
        nonmutating set { store32(base + register.rawValue, newValue) }
    }

    var deviceID: UInt32 { self[.deviceID] }

    /// Guest-physical address of the device's configuration space.
    var configuration: UInt64 { base + 0x100 }

    var offeredFeatures: UInt64 {
        self[.deviceFeaturesSelect] = 1
        let high = UInt64(self[.deviceFeatures])
        self[.deviceFeaturesSelect] = 0
        return high << 32 | UInt64(self[.deviceFeatures])
    }

    func reset() throws(Failure) {
        self[.status] = 0
        try expect(self[.status], is: 0, "status after a reset")
        try expect(self[.interruptStatus], is: 0, "interrupt status after a reset")
        self[.queueSelect] = 0
        try expect(self[.queueReady], is: 0, "queue 0 ready after a reset")
    }

    /// Section 3.1.1, steps 1 to 6.
    func negotiate(_ features: UInt64) throws(Failure) {
        try reset()
        self[.status] = Status.acknowledge
        self[.status] = Status.acknowledge | Status.driver
        self[.driverFeaturesSelect] = 1
        self[.driverFeatures] = UInt32(truncatingIfNeeded: features >> 32)
        self[.driverFeaturesSelect] = 0
        self[.driverFeatures] = UInt32(truncatingIfNeeded: features)
        let agreed = Status.acknowledge | Status.driver | Status.featuresOK
        self[.status] = agreed
        try expect(self[.status], is: agreed, "status after FEATURES_OK")
    }

    /// Section 4.2.3.2: gives queue 0 its memory.
    func enableQueue(at ring: RingMemory) throws(Failure) {
        self[.queueSelect] = 0
        try expect(self[.queueReady], is: 0, "queue 0 ready before its set-up")
        let largest = self[.queueSizeMax]
        guard largest >= UInt32(RingMemory.size) else { throw Failure("largest size of queue 0", largest) }
        self[.queueSize] = UInt32(RingMemory.size)
        self[.queueDescriptorsLow] = UInt32(truncatingIfNeeded: ring.descriptors)
        self[.queueDescriptorsHigh] = UInt32(truncatingIfNeeded: ring.descriptors >> 32)
        self[.queueDriverLow] = UInt32(truncatingIfNeeded: ring.available)
        self[.queueDriverHigh] = UInt32(truncatingIfNeeded: ring.available >> 32)
        self[.queueDeviceLow] = UInt32(truncatingIfNeeded: ring.used)
        self[.queueDeviceHigh] = UInt32(truncatingIfNeeded: ring.used >> 32)
        self[.queueReady] = 1
        try expect(self[.queueReady], is: 1, "queue 0 ready after its set-up")
    }

    func start() throws(Failure) {
        let running = Status.acknowledge | Status.driver | Status.featuresOK | Status.driverOK
        self[.status] = running
        try expect(self[.status], is: running, "status after DRIVER_OK")
    }

    /// Takes the used-buffer interrupt back; the device must have raised it, and must drop it.
    func acknowledgeUsedBuffer() throws(Failure) {
        try expect(self[.interruptStatus], is: VirtioMMIO.usedBuffer, "interrupt status after a used buffer")
        self[.interruptAcknowledge] = VirtioMMIO.usedBuffer
        try expect(self[.interruptStatus], is: 0, "interrupt status after its acknowledgement")
    }
}
