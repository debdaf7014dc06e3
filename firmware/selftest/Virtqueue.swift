// The driver's side of a split virtqueue (Virtio 1.2, section 2.7), for one request at a time.
import Hardware

/// Where the queue's parts and the requests' buffers are in the one page that devices may read and write.
struct RingMemory {
    /// Descriptors in the queue.
    static let size: UInt16 = 8

    let page: UInt64
    var descriptors: UInt64 { page }
    var available: UInt64 { page + 0x080 }
    var used: UInt64 { page + 0x100 }
    var indirectTable: UInt64 { page + 0x180 }
    var requestHeader: UInt64 { page + 0x200 }
    var requestStatus: UInt64 { page + 0x220 }
    /// Two sectors long.
    var data: UInt64 { page + 0x400 }

    static let current = RingMemory(page: address_of_dma_page())

    /// Clears the rings, as a driver must before it hands them over.
    func clear() {
        for offset in stride(from: UInt64(0), to: 0x200, by: 8) { store64(page + offset, 0) }
    }
}

/// One part of a request.
struct Buffer {
    let address: UInt64
    let length: UInt32
    let deviceWrites: Bool
}

struct Virtqueue {
    private enum DescriptorFlag {
        static let next: UInt16 = 1
        static let write: UInt16 = 2
        static let indirect: UInt16 = 4
    }

    let transport: VirtioMMIO
    let ring: RingMemory
    /// The features that the driver and the device agreed upon.
    let features: UInt64
    private var submitted: UInt16 = 0
    private var completed: UInt16 = 0

    init(transport: VirtioMMIO, ring: RingMemory, features: UInt64) {
        self.transport = transport
        self.ring = ring
        self.features = features
    }

    private var usesEventIndex: Bool { features & VirtioMMIO.Feature.eventIndex != 0 }
    private var usesIndirectDescriptors: Bool { features & VirtioMMIO.Feature.indirectDescriptors != 0 }

    /// Makes a request of `header`, `data` if there is any, and `status` available, and tells the device if it wants
    /// to be told.
    mutating func submit(header: Buffer, data: Buffer?, status: Buffer) {
        let table = usesIndirectDescriptors ? ring.indirectTable : ring.descriptors
        var count: UInt16 = 0
        set(count, in: table, to: header, chained: true)
        count += 1
        if let data {
            set(count, in: table, to: data, chained: true)
            count += 1
        }
        set(count, in: table, to: status, chained: false)
        count += 1
        if usesIndirectDescriptors {
            store64(ring.descriptors, table)
            store32(ring.descriptors + 8, UInt32(count) * 16)
            store16(ring.descriptors + 12, DescriptorFlag.indirect)
            store16(ring.descriptors + 14, 0)
        }
        makeAvailable(head: 0)
    }

    /// Whether the device has used the request.
    var requestIsUsed: Bool { load16(ring.used + 2) != completed }

    /// Takes the used request back and returns how many bytes the device says it wrote.
    mutating func takeUsed() throws(Failure) -> UInt32 {
        full_fence()
        let element = ring.used + 4 + UInt64(completed % RingMemory.size) * 8
        completed &+= 1
        try expect(load16(ring.used + 2), is: completed, "used index")
        try expect(load32(element), is: 0, "used element's descriptor")
        return load32(element + 4)
    }

    private func set(_ index: UInt16, in table: UInt64, to buffer: Buffer, chained: Bool) {
        let descriptor = table + UInt64(index) * 16
        store64(descriptor, buffer.address)
        store32(descriptor + 8, buffer.length)
        store16(
            descriptor + 12,
            (chained ? DescriptorFlag.next : 0) | (buffer.deviceWrites ? DescriptorFlag.write : 0))
        store16(descriptor + 14, chained ? index + 1 : 0)
    }

    private mutating func makeAvailable(head: UInt16) {
        // used_event: the interrupt is wanted for this very request.
        store16(ring.available + 4 + UInt64(RingMemory.size) * 2, completed)
        store16(ring.available + 4 + UInt64(submitted % RingMemory.size) * 2, head)
        full_fence()
        submitted &+= 1
        store16(ring.available + 2, submitted)
        // The device may look for requests just now: the index must be visible before its wish is read.
        full_fence()
        if deviceWantsNotification { transport[.queueNotify] = 0 }
    }

    /// Section 2.7.10: avail_event if negotiated, else the used ring's flag 1 (VIRTQ_USED_F_NO_NOTIFY).
    private var deviceWantsNotification: Bool {
        if usesEventIndex {
            let availEvent = load16(ring.used + 4 + UInt64(RingMemory.size) * 8)
            return submitted &- availEvent &- 1 < 1
        }
        return load16(ring.used) & 1 == 0
    }
}
