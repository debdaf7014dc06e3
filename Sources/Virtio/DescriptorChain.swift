// One request of a driver: a walk along descriptors (virtio 1.2, 2.7.5), lazy and bounded.
//
//     table of the queue:  [head] → [..] → [INDIRECT] ─┐
//     indirect table:                                  └→ [0] → [..] → end

public import GuestMemory

/// A range of guest memory that a driver lent the device.
public struct Descriptor: Equatable, Sendable {
    public let address: GuestAddress
    /// In bytes; may be 0.
    public let count: UInt32
    /// Whether the device may write it (else it may read it).
    public let isWritable: Bool
}

/// The descriptors of one chain, each read once from guest memory, validated as a copy, and handed out.
public struct DescriptorChain {
    /// What the used ring names the chain by.
    public let head: UInt16

    private let memory: GuestMemory
    private let allowsIndirect: Bool
    private var table: GuestAddress
    private var tableCount: UInt32
    private var next: UInt16?
    private var isIndirect = false
    /// How many descriptors may still come: this is what ends a loop.
    private var linksLeft: UInt16
    private var total: UInt64 = 0
    private var sawWritable = false

    init(head: UInt16, table: GuestAddress, size: UInt16, allowsIndirect: Bool, memory: GuestMemory) {
        self.head = head
        self.memory = memory
        self.allowsIndirect = allowsIndirect
        self.table = table
        tableCount = UInt32(size)
        next = head
        linksLeft = size
    }

    /// The next buffer, or nil after the last.
    public mutating func nextDescriptor() throws(VirtqueueError) -> Descriptor? {
        while let index = next {
            let raw = try readDescriptor(index)
            if raw.flags & Flags.indirect != 0 {
                try enterIndirectTable(raw)
                continue
            }
            guard linksLeft > 0 else { throw .chainTooLong }
            linksLeft -= 1
            next = raw.flags & Flags.next != 0 ? raw.next : nil
            return try checkedBuffer(raw)
        }
        return nil
    }

    private struct RawDescriptor {
        let address: UInt64
        let count: UInt32
        let flags: UInt16
        let next: UInt16
    }

    /// VIRTQ_DESC_F_NEXT, _WRITE and _INDIRECT (linux/virtio_ring.h).
    private enum Flags {
        static var next: UInt16 { 1 }
        static var write: UInt16 { 2 }
        static var indirect: UInt16 { 4 }
    }

    private func readDescriptor(_ index: UInt16) throws(VirtqueueError) -> RawDescriptor {
        guard UInt32(index) < tableCount else { throw .descriptorOutOfRange(index) }
        do throws(GuestMemoryError) {
            // The table was checked to be inside memory, so this cannot wrap.
            let entry = GuestAddress(table.rawValue &+ UInt64(index) &* 16)
            let address = try memory.read(UInt64.self, at: entry)
            let rest = try memory.read(UInt64.self, at: GuestAddress(entry.rawValue &+ 8))
            return RawDescriptor(
                address: address,
                count: UInt32(truncatingIfNeeded: rest),
                flags: UInt16(truncatingIfNeeded: rest >> 32),
                next: UInt16(truncatingIfNeeded: rest >> 48))
        } catch { throw .memory(error) }
    }

    /// The table's own WRITE flag means nothing and its address needs no alignment (2.7.5.3.2).
    private mutating func enterIndirectTable(_ raw: RawDescriptor) throws(VirtqueueError) {
        guard allowsIndirect, !isIndirect, raw.flags & Flags.next == 0 else { throw .misplacedIndirect }
        guard raw.count > 0, raw.count % 16 == 0,
            memory.contains(GuestAddress(raw.address), count: UInt64(raw.count))
        else { throw .unusableIndirectTable }
        isIndirect = true
        table = GuestAddress(raw.address)
        tableCount = raw.count / 16
        next = 0
    }

    private mutating func checkedBuffer(_ raw: RawDescriptor) throws(VirtqueueError) -> Descriptor {
        let isWritable = raw.flags & Flags.write != 0
        if sawWritable && !isWritable { throw .readableAfterWritable }
        sawWritable = isWritable
        total += UInt64(raw.count)
        guard total <= 1 << 32 else { throw .chainTooLarge }
        let address = GuestAddress(raw.address)
        guard raw.count == 0 || memory.contains(address, count: UInt64(raw.count)) else {
            throw .bufferOutOfRange(address, count: raw.count)
        }
        return Descriptor(address: address, count: raw.count, isWritable: isWritable)
    }
}
