import GuestMemory
import Host

@testable import Virtio

/// A device with two queues that reverses nothing and stores nothing: it fills what it may write and counts the rest.
final class EchoDevice: VirtioDevice, @unchecked Sendable {
    private(set) var servedChains = 0
    private(set) var configurationWrites: [UInt64] = []
    private(set) var resets = 0
    private var buffers: ChainBuffers

    init(_ memory: GuestMemory) throws {
        buffers = ChainBuffers(memory, capacity: 64)
        var configuration = ConfigurationSpace(count: 12)
        configuration.set(UInt64(0x1122_3344_5566_7788), at: 0)
        configuration.set(UInt32(0x99AA_BBCC), at: 8)
        try super.init(
            deviceID: 42, features: VirtioFeatures(bit: 3), queueMaximumSizes: [64, 64],
            configuration: configuration, memory: memory)
    }

    override func didReset() { resets += 1 }

    override func didWriteConfiguration(_ value: UInt64, offset: UInt64, width: Int) {
        configurationWrites.append(value)
    }

    /// What the event loop of a real device does on a doorbell.
    func poll(_ index: Int) {
        serve(index) { (queue) throws(VirtqueueError) in
            try queue.suppressDoorbell()
            while var chain = try queue.pop() {
                try buffers.gather(&chain)
                for offset in 0..<min(buffers.writable.count, 64) { try buffers.writable.storeByte(0xEE, at: offset) }
                try queue.complete(chain.head, written: UInt32(min(buffers.writable.count, 64)))
                servedChains += 1
            }
            _ = try queue.armDoorbell()
        }
    }
}
