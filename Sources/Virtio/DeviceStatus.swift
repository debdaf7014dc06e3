// The device status field (virtio 1.2, 2.1).

/// How far the driver has come with the device, and whether the device has given up.
public struct DeviceStatus: OptionSet, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static var acknowledge: DeviceStatus { DeviceStatus(rawValue: 1) }
    public static var driver: DeviceStatus { DeviceStatus(rawValue: 2) }
    public static var driverOK: DeviceStatus { DeviceStatus(rawValue: 4) }
    public static var featuresOK: DeviceStatus { DeviceStatus(rawValue: 8) }
    /// DEVICE_NEEDS_RESET: only the device sets it, only a reset clears it.
    public static var needsReset: DeviceStatus { DeviceStatus(rawValue: 64) }
    public static var failed: DeviceStatus { DeviceStatus(rawValue: 128) }

    /// The bits that a driver may add.
    static var driverBits: DeviceStatus { [.acknowledge, .driver, .driverOK, .featuresOK, .failed] }
}
