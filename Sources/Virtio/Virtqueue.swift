// The split virtqueue (virtio 1.2, 2.7), device side. All of it is the guest's memory, and hostile.
//
//     descriptor table   16 × size     address, length, flags, next
//     available ring     6 + 2 × size  flags, idx, ring[size], used_event
//     used ring          6 + 8 × size  flags, idx, ring[size] of (id, length), avail_event

public import GuestMemory

/// Where a driver put a queue, as it says through the transport.
public struct VirtqueueConfiguration: Equatable, Sendable {
    /// In descriptors; 0 until the driver has set it.
    public var size: UInt16 = 0
    public var descriptorTable = GuestAddress(0)
    public var availableRing = GuestAddress(0)
    public var usedRing = GuestAddress(0)

    public init() {}
}

/// A queue in use, from DRIVER_OK to reset. Its device's lock guards it.
public final class Virtqueue {
    public let size: UInt16

    private let memory: GuestMemory
    private let descriptorTable: GuestAddress
    private let availableRing: GuestAddress
    private let usedRing: GuestAddress
    private let hasEventIndex: Bool
    private let allowsIndirect: Bool

    /// The next entry of the available ring to take, and of the used ring to fill; both wrap at 2¹⁶.
    private var nextAvailable: UInt16 = 0
    private var nextUsed: UInt16 = 0
    /// `nextUsed` when it was last decided whether to interrupt.
    private var decidedUsed: UInt16 = 0

    /// - Throws: `unusableConfiguration`.
    init(
        _ configuration: VirtqueueConfiguration, maximumSize: UInt16, features: VirtioFeatures,
        memory: GuestMemory
    ) throws(VirtqueueError) {
        let size = configuration.size
        guard size > 0, size <= maximumSize, size & (size - 1) == 0,
            Virtqueue.isUsable(configuration.descriptorTable, alignment: 16, 16 * UInt64(size), memory),
            Virtqueue.isUsable(configuration.availableRing, alignment: 2, 6 + 2 * UInt64(size), memory),
            Virtqueue.isUsable(configuration.usedRing, alignment: 4, 6 + 8 * UInt64(size), memory)
        else { throw .unusableConfiguration }
        self.size = size
        self.memory = memory
        descriptorTable = configuration.descriptorTable
        availableRing = configuration.availableRing
        usedRing = configuration.usedRing
        hasEventIndex = features.contains(.eventIndex)
        allowsIndirect = features.contains(.indirectDescriptors)
    }

    private static func isUsable(
        _ address: GuestAddress, alignment: UInt64, _ count: UInt64, _ memory: GuestMemory
    ) -> Bool {
        address.rawValue % alignment == 0 && memory.contains(address, count: count)
    }

    /// Whether the driver has made a chain available that was not taken yet.
    public func hasAvailable() throws(VirtqueueError) -> Bool {
        try availableCount() > 0
    }

    /// Takes the next available chain, or nil where there is none.
    public func pop() throws(VirtqueueError) -> DescriptorChain? {
        guard try availableCount() > 0 else { return nil }
        let head = try load(availableRing, 4 + 2 * UInt64(nextAvailable % size))
        guard head < size else { throw .descriptorOutOfRange(head) }
        nextAvailable &+= 1
        return DescriptorChain(
            head: head, table: descriptorTable, size: size, allowsIndirect: allowsIndirect, memory: memory)
    }

    /// Hands a chain back; the driver sees it at once.
    /// - Parameter written: how many bytes the device wrote into the chain's writable buffers.
    public func complete(_ head: UInt16, written: UInt32) throws(VirtqueueError) {
        let element = GuestAddress(usedRing.rawValue &+ 4 &+ 8 &* UInt64(nextUsed % size))
        do throws(GuestMemoryError) {
            try memory.write(UInt64(head) | UInt64(written) << 32, at: element)
        } catch { throw .memory(error) }
        nextUsed &+= 1
        try store(nextUsed, usedRing, 2)
    }

    /// Whether the chains completed since the last call are worth an interrupt (2.7.7, 2.7.8). Call it once a batch.
    public func needsInterrupt() throws(VirtqueueError) -> Bool {
        let old = decidedUsed
        decidedUsed = nextUsed
        guard nextUsed != old else { return false }
        // The used index must be visible before the driver's wish is read, or both sides go to sleep.
        GuestMemory.fence()
        guard hasEventIndex else { return try load(availableRing, 0) & 1 == 0 }
        let usedEvent = try load(availableRing, 4 + 2 * UInt64(size))
        return nextUsed &- usedEvent &- 1 < nextUsed &- old
    }

    /// Tells the driver that it need not ring while the queue is being served. With the event index this is so by
    /// itself: the index that was armed last has been passed.
    public func suppressDoorbell() throws(VirtqueueError) {
        if !hasEventIndex { try store(1, usedRing, 0) }
    }

    /// Asks the driver to ring for the next chain. Returns whether one came in meanwhile, for which it may not ring.
    public func armDoorbell() throws(VirtqueueError) -> Bool {
        if hasEventIndex {
            try store(nextAvailable, usedRing, 4 + 8 * UInt64(size))
        } else {
            try store(0, usedRing, 0)
        }
        GuestMemory.fence()
        return try hasAvailable()
    }

    private func availableCount() throws(VirtqueueError) -> UInt16 {
        let count = try load(availableRing, 2) &- nextAvailable
        guard count <= size else { throw .availableIndexRanAhead }
        return count
    }

    // The rings were checked as a whole, so the sums below stay inside them.

    private func load(_ ring: GuestAddress, _ offset: UInt64) throws(VirtqueueError) -> UInt16 {
        do throws(GuestMemoryError) {
            return try memory.loadAcquire(at: GuestAddress(ring.rawValue &+ offset))
        } catch { throw .memory(error) }
    }

    private func store(_ value: UInt16, _ ring: GuestAddress, _ offset: UInt64) throws(VirtqueueError) {
        do throws(GuestMemoryError) {
            try memory.storeRelease(value, at: GuestAddress(ring.rawValue &+ offset))
        } catch { throw .memory(error) }
    }
}
