// virtio-blk (virtio 1.2, 5.2): a disk, served by a thread of its own, so that neither a vCPU nor the main loop waits
// for the host's disk.

public import GuestMemory
public import Host
public import Virtio
import struct Synchronization.Atomic

public final class BlockDevice: VirtioDevice, @unchecked Sendable {
    // @unchecked: what is not atomic belongs to the device's thread or, with it joined, to whoever joined it.

    let backend: BlockBackend
    private let threadName: String
    let identifier: [UInt8]
    private let loop: EventLoop
    private let stopRequest: EventFD
    private let isStopping = Atomic<Bool>(false)
    private var thread: Thread?

    // Scratch that a request uses again, so that none allocates.
    var buffers: ChainBuffers
    var vector: GuestIOVector
    var ranges: [BlockRange] = []
    var acceptedFeatures: VirtioFeatures = []

    /// - Parameter name: what the guest will call the disk (`vda`); names the thread `blk-vda` and is the disk's
    ///   identifier for VIRTIO_BLK_T_GET_ID, cut to 20 bytes.
    public init(_ backend: BlockBackend, name: String, memory: GuestMemory) throws(Errno) {
        self.backend = backend
        threadName = "blk-" + name
        var identifier = [UInt8](name.utf8.prefix(20))
        while identifier.count < 20 { identifier.append(0) }
        self.identifier = identifier
        loop = try EventLoop()
        stopRequest = try EventFD()
        buffers = ChainBuffers(memory, capacity: Int(BlockLimits.queueSize))
        vector = GuestIOVector(memory)
        ranges.reserveCapacity(Int(BlockLimits.ranges))
        try super.init(
            deviceID: 2, features: .block(readOnly: backend.isReadOnly),
            queueMaximumSizes: [BlockLimits.queueSize],
            configuration: .block(sectorCount: backend.sectorCount), memory: memory)
        try loop.add(doorbells[0].rawValue, .readable) { [self] in
            doorbells[0].drain()
            serveRequests()
        }
        try loop.add(stopRequest.rawValue, .readable) { [self] in
            stopRequest.drain()
            loop.stop()
        }
    }

    /// Starts the thread. What the guest asked for before is served first.
    public func start() throws(Errno) {
        isStopping.store(false, ordering: .releasing)
        thread = try Thread(name: threadName) { [self] in
            do throws(Errno) {
                try loop.run()
            } catch {
                preconditionFailure("epoll_wait failed on the monitor's own descriptors")
            }
        }
        doorbells[0].signal()
    }

    /// Finishes the request in flight and joins the thread; requests behind it stay in the queue. `start` goes on.
    public func stop() {
        guard let running = thread else { return }
        isStopping.store(true, ordering: .releasing)
        stopRequest.signal()
        running.join()
        thread = nil
    }

    public override func didActivate(features: VirtioFeatures) {
        acceptedFeatures = features
    }

    private func serveRequests() {
        serve(0) { (queue) throws(VirtqueueError) in
            var isMoreAvailable: Bool
            repeat {
                try queue.suppressDoorbell()
                while !mustPause, var chain = try queue.pop() {
                    try buffers.gather(&chain)
                    try queue.complete(chain.head, written: try executeRequest())
                }
                isMoreAvailable = try queue.armDoorbell()
            } while isMoreAvailable && !mustPause
        }
    }

    private var mustPause: Bool { mustYield || isStopping.load(ordering: .acquiring) }
}
