// Copies in and out: the bytes a caller gets can no longer change under it.

internal import CShims

extension GuestMemory {
    /// Copies a value out. Read once, then validate the copy: the guest may change the original at any time.
    @inline(__always)
    public func read<Value: BitwiseCopyable>(
        _ type: Value.Type, at address: GuestAddress
    ) throws(GuestMemoryError) -> Value {
        let source = try unsafe pointer(to: address, count: UInt64(MemoryLayout<Value>.size))
        // SAFETY: the range is checked, and any bits make a BitwiseCopyable value of the fixed-size types used here.
        return unsafe source.loadUnaligned(as: type)
    }

    /// Copies a value in, in the host's byte order (little-endian, as virtio 1.x and x86 want).
    @inline(__always)
    public func write<Value: BitwiseCopyable>(
        _ value: Value, at address: GuestAddress
    ) throws(GuestMemoryError) {
        let target = try unsafe pointer(to: address, count: UInt64(MemoryLayout<Value>.size))
        // SAFETY: the range is checked.
        unsafe target.storeBytes(of: value, as: Value.self)
    }

    /// Copies `count` bytes out.
    public func readBytes(at address: GuestAddress, count: Int) throws(GuestMemoryError) -> [UInt8] {
        guard count >= 0 else { throw .outOfRange(address, length: UInt64(bitPattern: Int64(count))) }
        let source = try unsafe pointer(to: address, count: UInt64(count))
        return unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            // SAFETY: the range is checked and the buffer holds `count` bytes.
            unsafe UnsafeMutableRawBufferPointer(buffer).copyMemory(
                from: UnsafeRawBufferPointer(start: source, count: count))
            filled = count
        }
    }

    /// Copies `count` bytes out to the end of `bytes`, whose storage a caller reuses.
    public func appendBytes(
        at address: GuestAddress, count: Int, to bytes: inout [UInt8]
    ) throws(GuestMemoryError) {
        guard count >= 0 else { throw .outOfRange(address, length: UInt64(bitPattern: Int64(count))) }
        let source = try unsafe pointer(to: address, count: UInt64(count))
        // SAFETY: the range is checked.
        unsafe bytes.append(contentsOf: UnsafeRawBufferPointer(start: source, count: count))
    }

    /// Copies part of `bytes` in. The slice must not reach outside the array.
    public func writeBytes(_ bytes: [UInt8], in range: Range<Int>, at address: GuestAddress) throws(GuestMemoryError) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count, "slice outside the array")
        let target = try unsafe pointer(to: address, count: UInt64(range.count))
        // SAFETY: both ranges are checked.
        unsafe bytes.withUnsafeBytes { source in
            if let start = source.baseAddress {
                unsafe target.copyMemory(from: start + range.lowerBound, byteCount: range.count)
            }
        }
    }

    /// Copies all of `bytes` in.
    public func writeBytes(_ bytes: [UInt8], at address: GuestAddress) throws(GuestMemoryError) {
        let target = try unsafe pointer(to: address, count: UInt64(bytes.count))
        // SAFETY: the range is checked for the array's size.
        unsafe bytes.withUnsafeBytes { source in
            if let start = source.baseAddress { unsafe target.copyMemory(from: start, byteCount: source.count) }
        }
    }

    /// Fills a range with one byte.
    public func fill(_ byte: UInt8, at address: GuestAddress, count: UInt64) throws(GuestMemoryError) {
        let target = try unsafe pointer(to: address, count: count)
        // SAFETY: the range is checked.
        _ = unsafe memset(target, Int32(byte), Int(count))
    }
}
