// Ordered accesses to ring indices (virtio 1.2, 2.7): the guest's driver runs at the same time.

internal import CShims

extension GuestMemory {
    /// Reads a 16-bit index; what the guest wrote before it is visible afterwards.
    @inline(__always)
    public func loadAcquire(at address: GuestAddress) throws(GuestMemoryError) -> UInt16 {
        guard address.rawValue % 2 == 0 else { throw .misaligned(address) }
        let source = try unsafe pointer(to: address, count: 2)
        // SAFETY: two aligned bytes inside a region.
        return unsafe apus_load_acquire_u16(source)
    }

    /// Writes a 16-bit index; what was written before it is visible to a guest that sees it.
    @inline(__always)
    public func storeRelease(_ value: UInt16, at address: GuestAddress) throws(GuestMemoryError) {
        guard address.rawValue % 2 == 0 else { throw .misaligned(address) }
        let target = try unsafe pointer(to: address, count: 2)
        // SAFETY: two aligned bytes inside a region.
        unsafe apus_store_release_u16(target, value)
    }

    /// Orders all earlier stores before all later loads, as arming and testing the event index need.
    @inline(__always)
    public static func fence() { apus_fence() }
}
