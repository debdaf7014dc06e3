// Feature bits: what a device offers and a driver accepts (virtio 1.2, 2.2).

/// A set of feature bits. Bits 0 to 23 belong to the device type, which names its own in an extension.
public struct VirtioFeatures: OptionSet, Sendable {
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    @inline(__always)
    public init(bit: UInt64) { rawValue = 1 << bit }

    /// VIRTIO_F_INDIRECT_DESC (2.7.5.3).
    public static var indirectDescriptors: VirtioFeatures { VirtioFeatures(bit: 28) }
    /// VIRTIO_F_EVENT_IDX (2.7.7, 2.7.10).
    public static var eventIndex: VirtioFeatures { VirtioFeatures(bit: 29) }
    /// VIRTIO_F_VERSION_1: not a legacy device; a driver has to accept it.
    public static var version1: VirtioFeatures { VirtioFeatures(bit: 32) }

    /// What every device of ours offers beside its own bits.
    static var transport: VirtioFeatures { [.indirectDescriptors, .eventIndex, .version1] }
}
