// The driver's side of a split virtqueue (virtio 1.2, 2.7), honest or hostile, for tests, benches and fuzzers.

public import GuestMemory
public import Virtio

/// A descriptor as it lies in guest memory, with whatever a test wants in it.
public struct RawDescriptor: Sendable {
    public var address: UInt64
    public var count: UInt32
    public var flags: UInt16
    public var next: UInt16

    public init(_ address: UInt64, _ count: UInt32, flags: UInt16 = 0, next: UInt16 = 0) {
        self.address = address
        self.count = count
        self.flags = flags
        self.next = next
    }

    /// VIRTQ_DESC_F_*.
    public static var hasNext: UInt16 { 1 }
    public static var writable: UInt16 { 2 }
    public static var indirect: UInt16 { 4 }
}

/// A buffer of an honest chain.
public struct DriverBuffer: Sendable {
    public let address: UInt64
    public let count: UInt32
    public let isWritable: Bool

    public static func readable(_ address: UInt64, _ count: UInt32) -> DriverBuffer {
        DriverBuffer(address: address, count: count, isWritable: false)
    }

    public static func writable(_ address: UInt64, _ count: UInt32) -> DriverBuffer {
        DriverBuffer(address: address, count: count, isWritable: true)
    }
}

/// An entry of the used ring.
public struct UsedElement: Equatable, Sendable {
    public let head: UInt32
    public let written: UInt32

    public init(head: UInt32, written: UInt32) {
        self.head = head
        self.written = written
    }
}

/// A queue's rings at `base`, 0x4000 bytes, and what a driver does with them.
///
/// Descriptors are handed out in order and used again from the start: a test that keeps more chains in flight than the
/// queue holds gets what it asked for.
public final class DriverQueue {
    public let size: UInt16
    public let memory: GuestMemory
    public let descriptorTable: GuestAddress
    public let availableRing: GuestAddress
    public let usedRing: GuestAddress
    /// Where `addIndirect` puts its table.
    public let indirectTable: GuestAddress

    private var nextDescriptor: UInt16 = 0
    public private(set) var availableIndex: UInt16 = 0
    private var seenUsed: UInt16 = 0

    /// - Parameter size: at most 256.
    public init(_ memory: GuestMemory, base: UInt64, size: UInt16) {
        self.memory = memory
        self.size = size
        descriptorTable = GuestAddress(base)
        availableRing = GuestAddress(base + 0x1000)
        usedRing = GuestAddress(base + 0x2000)
        indirectTable = GuestAddress(base + 0x3000)
    }

    public var configuration: VirtqueueConfiguration {
        var configuration = VirtqueueConfiguration()
        configuration.size = size
        configuration.descriptorTable = descriptorTable
        configuration.availableRing = availableRing
        configuration.usedRing = usedRing
        return configuration
    }

    // MARK: Anything

    public func setDescriptor(_ index: UInt16, _ descriptor: RawDescriptor) throws {
        try setDescriptor(in: descriptorTable, index, descriptor)
    }

    public func setDescriptor(in table: GuestAddress, _ index: UInt16, _ descriptor: RawDescriptor) throws {
        let entry = table.rawValue + 16 * UInt64(index)
        try memory.write(descriptor.address, at: GuestAddress(entry))
        let rest = UInt64(descriptor.count) | UInt64(descriptor.flags) << 32 | UInt64(descriptor.next) << 48
        try memory.write(rest, at: GuestAddress(entry + 8))
    }

    /// Names a head in the available ring and moves the index on.
    public func makeAvailable(_ head: UInt16) throws {
        try memory.write(head, at: GuestAddress(availableRing.rawValue + 4 + 2 * UInt64(availableIndex % size)))
        try setAvailableIndex(availableIndex &+ 1)
    }

    public func setAvailableIndex(_ index: UInt16) throws {
        availableIndex = index
        try memory.storeRelease(index, at: GuestAddress(availableRing.rawValue + 2))
    }

    // MARK: Honest chains

    /// Adds a chain of direct descriptors and returns its head.
    @discardableResult
    public func add(_ buffers: [DriverBuffer]) throws -> UInt16 {
        let head = nextDescriptor
        for (position, buffer) in buffers.enumerated() {
            let index = nextDescriptor
            nextDescriptor = (nextDescriptor + 1) % size
            let isLast = position == buffers.count - 1
            try setDescriptor(index, raw(buffer, next: isLast ? nil : nextDescriptor))
        }
        try makeAvailable(head)
        return head
    }

    /// Adds a chain in an indirect table, at `table` or at the queue's own, and returns its head.
    @discardableResult
    public func addIndirect(_ buffers: [DriverBuffer], table: GuestAddress? = nil) throws -> UInt16 {
        let table = table ?? indirectTable
        for (position, buffer) in buffers.enumerated() {
            let next = position == buffers.count - 1 ? nil : UInt16(position + 1)
            try setDescriptor(in: table, UInt16(position), raw(buffer, next: next))
        }
        let head = nextDescriptor
        nextDescriptor = (nextDescriptor + 1) % size
        let descriptor = RawDescriptor(table.rawValue, UInt32(buffers.count * 16), flags: RawDescriptor.indirect)
        try setDescriptor(head, descriptor)
        try makeAvailable(head)
        return head
    }

    private func raw(_ buffer: DriverBuffer, next: UInt16?) -> RawDescriptor {
        let flags = (buffer.isWritable ? RawDescriptor.writable : 0) | (next == nil ? 0 : RawDescriptor.hasNext)
        return RawDescriptor(buffer.address, buffer.count, flags: flags, next: next ?? 0)
    }

    // MARK: The used ring

    public func usedIndex() throws -> UInt16 {
        try memory.loadAcquire(at: GuestAddress(usedRing.rawValue + 2))
    }

    /// The next used element that was not taken yet.
    public func takeUsed() throws -> UsedElement? {
        guard try usedIndex() != seenUsed else { return nil }
        let entry = usedRing.rawValue + 4 + 8 * UInt64(seenUsed % size)
        seenUsed &+= 1
        let element = try memory.read(UInt64.self, at: GuestAddress(entry))
        return UsedElement(head: UInt32(truncatingIfNeeded: element), written: UInt32(element >> 32))
    }

    // MARK: Notifications

    /// VIRTQ_AVAIL_F_NO_INTERRUPT, for a driver without the event index.
    public func setInterruptsSuppressed(_ suppressed: Bool) throws {
        try memory.storeRelease(suppressed ? 1 : 0, at: availableRing)
    }

    /// Asks for an interrupt once the used index passes `index`.
    public func setUsedEvent(_ index: UInt16) throws {
        try memory.storeRelease(index, at: GuestAddress(availableRing.rawValue + 4 + 2 * UInt64(size)))
    }

    /// The available index whose passing the device wants to be told of.
    public func availableEvent() throws -> UInt16 {
        try memory.loadAcquire(at: GuestAddress(usedRing.rawValue + 4 + 8 * UInt64(size)))
    }

    /// VIRTQ_USED_F_NO_NOTIFY, as the device has it.
    public func isDoorbellSuppressed() throws -> Bool {
        try memory.loadAcquire(at: usedRing) & 1 != 0
    }
}
