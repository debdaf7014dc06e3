// What a driver can do wrong with a queue. Each breaks the device until it is reset; none stops the monitor.

public import GuestMemory

/// A violation of the split virtqueue's rules (virtio 1.2, 2.7).
public enum VirtqueueError: Error, Equatable {
    /// The size is 0, no power of two, or over the device's maximum; or a ring is misaligned or outside memory.
    case unusableConfiguration
    /// The available index is more than a queue's size ahead of what the device has taken.
    case availableIndexRanAhead
    /// A head or a next at or past the table's size.
    case descriptorOutOfRange(UInt16)
    /// More descriptors than the queue's size: a loop, or a chain too long.
    case chainTooLong
    /// More than 2³² bytes in one chain.
    case chainTooLarge
    /// A buffer that is not wholly inside one region of guest memory.
    case bufferOutOfRange(GuestAddress, count: UInt32)
    /// A device-readable buffer after a device-writable one.
    case readableAfterWritable
    /// INDIRECT without the feature, inside an indirect table, or together with NEXT.
    case misplacedIndirect
    /// An indirect table whose length is 0 or no multiple of 16, or that is outside memory.
    case unusableIndirectTable
    /// A request that lacks what the device type demands, so that the device cannot even answer with an error.
    case malformedRequest
    /// The rings themselves could not be reached.
    case memory(GuestMemoryError)
}
