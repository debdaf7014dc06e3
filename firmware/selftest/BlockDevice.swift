// A driver for a virtio block device (Virtio 1.2, section 5.2): one request at a time.
import Hardware

struct BlockDevice {
    static let sectorSize = 512

    enum Request: UInt32 {
        case read = 0
        case write = 1
        case flush = 4
        case getID = 8
        /// A type that no version of the specification gives a meaning.
        case unknown = 0xFFFF
    }

    enum Status {
        static let ok: UInt8 = 0
        static let ioError: UInt8 = 1
        static let unsupported: UInt8 = 2
    }

    enum Feature {
        static let readOnly: UInt64 = 1 << 5
        static let flush: UInt64 = 1 << 9
    }

    /// How the driver learns that a request is done.
    enum Completion {
        case polled
        case interrupt
    }

    let transport: VirtioMMIO
    private let features: UInt64
    private let ring = RingMemory.current
    private var queue: Virtqueue

    /// Resets the device and brings it up with VERSION_1 and those of `wanted` that it offers.
    init(_ transport: VirtioMMIO, wanted: UInt64) throws(Failure) {
        let offered = transport.offeredFeatures
        guard offered & VirtioMMIO.Feature.version1 != 0 else { throw Failure("VERSION_1 is not offered", offered) }
        self.transport = transport
        features = offered & (VirtioMMIO.Feature.version1 | wanted)
        queue = Virtqueue(transport: transport, ring: ring, features: features)
        try transport.negotiate(features)
        ring.clear()
        try transport.enableQueue(at: ring)
        try transport.start()
    }

    var isReadOnly: Bool { features & Feature.readOnly != 0 }
    var canFlush: Bool { features & Feature.flush != 0 }

    /// Guest-physical address of the request's data, at most two sectors.
    var data: UInt64 { ring.data }

    /// In sectors.
    var capacity: UInt64 { UInt64(load32(transport.configuration)) | UInt64(load32(transport.configuration + 4)) << 32 }

    /// Does `request` with `length` bytes of `data` and returns the device's status byte.
    mutating func perform(
        _ request: Request, sector: UInt64 = 0, length: Int = 0, completion: Completion = .polled
    ) throws(Failure) -> UInt8 {
        store32(ring.requestHeader, request.rawValue)
        store32(ring.requestHeader + 4, 0)
        store64(ring.requestHeader + 8, sector)
        // A value that no status has, so that a device which writes none is found out.
        store8(ring.requestStatus, 0xFF)

        let deviceWrites = request == .read || request == .getID
        let data = Buffer(address: ring.data, length: UInt32(length), deviceWrites: deviceWrites)
        let interruptsBefore = IOAPIC.deviceInterrupts
        queue.submit(
            header: Buffer(address: ring.requestHeader, length: 16, deviceWrites: false),
            data: length == 0 ? nil : data,
            status: Buffer(address: ring.requestStatus, length: 1, deviceWrites: true))

        // A device works on its own thread: it fills the used ring, then sets its interrupt status, then interrupts.
        // So each way of waiting waits for the last thing that it can see.
        let queue = self.queue
        let transport = self.transport
        switch completion {
        case .polled: try waitPolling { queue.requestIsUsed && transport[.interruptStatus] != 0 }
        case .interrupt: try waitSleeping { IOAPIC.deviceInterrupts != interruptsBefore }
        }
        let written = try self.queue.takeUsed()
        let status = load8(ring.requestStatus)
        if status == Status.ok {
            try expect(Int(written), is: deviceWrites ? length + 1 : 1, "bytes the device says it wrote")
        }
        try transport.acknowledgeUsedBuffer()
        return status
    }
}
