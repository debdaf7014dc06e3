// What machine to make: plain values, already checked for form. Whether a file is there is found out when it is opened.

/// A description of one machine.
public struct MachineConfiguration: Sendable {
    /// What the machine starts.
    public enum Payload: Equatable, Sendable {
        /// A Linux kernel, ELF or bzImage.
        case kernel(path: String)
        /// A flat ROM image that ends at 4 GiB, started at the reset vector.
        case firmware(path: String)
    }

    public struct Disk: Equatable, Sendable {
        public var path: String
        public var isReadOnly: Bool

        public init(path: String, isReadOnly: Bool) {
            self.path = path
            self.isReadOnly = isReadOnly
        }
    }

    /// Which device is the guest's terminal.
    public enum Console: Equatable, Sendable { case virtio, serial }

    public var payload: Payload
    public var initrd: String?
    /// The user's part of the kernel command line.
    public var commandLine = ""
    /// Whether Apus's own defaults come before it.
    public var hasDefaultCommandLine = true
    /// Guest RAM in bytes, a multiple of 4096.
    public var memorySize: UInt64
    public var cpuCount: UInt32
    /// In the order vda, vdb, …
    public var disks: [Disk] = []
    public var console = Console.virtio
    /// In nanoseconds from the clock's zero; nil: no limit.
    public var timeout: UInt64?
    public var reportPath: String?
    /// When the whole command was started, on the monotonic clock in nanoseconds.
    public var clockZero: UInt64
    public var isVerbose = false

    public init(payload: Payload, memorySize: UInt64, cpuCount: UInt32, clockZero: UInt64) {
        self.payload = payload
        self.memorySize = memorySize
        self.cpuCount = cpuCount
        self.clockZero = clockZero
    }

    /// The most vCPUs that a machine has: what the MP table and the local APIC's ids leave room for by far.
    public static var cpuLimit: UInt32 { 32 }
}
