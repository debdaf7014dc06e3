// A chain's buffers, gathered: a device reads its request's fields wherever the driver cut them (virtio 1.2, 2.7.4).

public import GuestMemory

/// The readable and the writable part of a chain. A device keeps one and reuses its storage.
public struct ChainBuffers {
    public private(set) var readable: BufferList
    public private(set) var writable: BufferList

    /// - Parameter capacity: the queue's largest size; no chain within it makes the lists grow.
    public init(_ memory: GuestMemory, capacity: Int) {
        readable = BufferList(memory, capacity: capacity)
        writable = BufferList(memory, capacity: capacity)
    }

    /// Replaces the lists by the buffers of `chain`.
    public mutating func gather(_ chain: inout DescriptorChain) throws(VirtqueueError) {
        readable.removeAll()
        writable.removeAll()
        while let descriptor = try chain.nextDescriptor() {
            if descriptor.isWritable { writable.append(descriptor) } else { readable.append(descriptor) }
        }
    }
}

/// Checked ranges of guest memory that count as one sequence of bytes.
public struct BufferList {
    private let memory: GuestMemory
    private var buffers: [Descriptor] = []
    /// All buffers together, in bytes; at most 2³².
    public private(set) var count: UInt64 = 0

    init(_ memory: GuestMemory, capacity: Int) {
        self.memory = memory
        buffers.reserveCapacity(capacity)
    }

    mutating func removeAll() {
        buffers.removeAll(keepingCapacity: true)
        count = 0
    }

    mutating func append(_ descriptor: Descriptor) {
        buffers.append(descriptor)
        count += UInt64(descriptor.count)
    }

    /// Calls `body` with each contiguous piece of `length` bytes from `offset`: its address, and its size.
    private func forEachPiece(
        from offset: UInt64, length: UInt64,
        _ body: (GuestAddress, UInt32) throws(GuestMemoryError) -> Void
    ) throws(VirtqueueError) {
        var skip = offset
        var left = length
        for buffer in buffers where left > 0 {
            let size = UInt64(buffer.count)
            guard skip < size else {
                skip -= size
                continue
            }
            let piece = min(size - skip, left)
            do throws(GuestMemoryError) {
                // Inside a buffer that was checked as a whole.
                try body(GuestAddress(buffer.address.rawValue &+ skip), UInt32(truncatingIfNeeded: piece))
            } catch { throw .memory(error) }
            skip = 0
            left -= piece
        }
    }

    /// Copies a little-endian number out, or nil where the list ends before it.
    public func load<Number: FixedWidthInteger & UnsignedInteger>(
        _ type: Number.Type, at offset: UInt64
    ) throws(VirtqueueError) -> Number? {
        let size = UInt64(Number.bitWidth / 8)
        guard offset <= count, size <= count - offset else { return nil }
        var value: UInt64 = 0
        var shift: UInt64 = 0
        try forEachPiece(from: offset, length: size) { (address, length) throws(GuestMemoryError) in
            for index in 0..<UInt64(length) {
                let byte = try memory.read(UInt8.self, at: GuestAddress(address.rawValue &+ index))
                value |= UInt64(byte) << shift
                shift += 8
            }
        }
        return Number(truncatingIfNeeded: value)
    }

    /// Copies `bytes[range]` in from `offset` on, as far as the list reaches. Returns how many bytes were copied.
    @discardableResult
    public func store(_ bytes: [UInt8], in range: Range<Int>, at offset: UInt64) throws(VirtqueueError) -> Int {
        var next = range.lowerBound
        try forEachPiece(from: offset, length: UInt64(range.count)) { (address, length) throws(GuestMemoryError) in
            try memory.writeBytes(bytes, in: next..<(next + Int(length)), at: address)
            next += Int(length)
        }
        return next - range.lowerBound
    }

    /// Copies one byte in; the list must reach `offset`.
    public func storeByte(_ byte: UInt8, at offset: UInt64) throws(VirtqueueError) {
        try forEachPiece(from: offset, length: 1) { (address, _) throws(GuestMemoryError) in
            try memory.write(byte, at: address)
        }
    }

    /// Copies `length` bytes from `offset` on to the end of `bytes`, as far as the list reaches.
    public func append(from offset: UInt64, length: UInt64, to bytes: inout [UInt8]) throws(VirtqueueError) {
        try forEachPiece(from: offset, length: length) { (address, count) throws(GuestMemoryError) in
            try memory.appendBytes(at: address, count: Int(count), to: &bytes)
        }
    }

    /// Lists `length` bytes from `offset` on in `vector`, for bulk I/O.
    public func append(
        from offset: UInt64, length: UInt64, to vector: inout GuestIOVector
    ) throws(VirtqueueError) {
        try forEachPiece(from: offset, length: length) { (address, count) throws(GuestMemoryError) in
            try vector.append(address, count: count)
        }
    }
}
