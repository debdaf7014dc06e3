import GuestMemory
import Host
import Virtio
import VirtioTestKit

@testable import Devices

/// A backend that counts, and fails on request.
final class SpyBackend: BlockBackend, @unchecked Sendable {
    private let log = Mutex<[String]>([])
    private let failure = Mutex<Errno?>(nil)

    var calls: [String] { log.withLock { $0 } }
    func fail(with error: Errno?) { failure.withLock { $0 = error } }

    private func note(_ call: String) throws(Errno) {
        log.withLock { $0.append(call) }
        if let error = failure.withLock({ $0 }) { throw error }
    }

    override func read(into vector: inout GuestIOVector, at offset: UInt64) throws(Errno) -> UInt64 {
        try note("read \(offset)+\(vector.count)")
        return try super.read(into: &vector, at: offset)
    }

    override func write(from vector: inout GuestIOVector, at offset: UInt64) throws(Errno) -> UInt64 {
        try note("write \(offset)+\(vector.count)")
        return try super.write(from: &vector, at: offset)
    }

    override func flush() throws(Errno) {
        try note("flush")
        try super.flush()
    }

    override func discard(at offset: UInt64, length: UInt64) throws(Errno) {
        try note("discard \(offset)+\(length)")
        try super.discard(at: offset, length: length)
    }

    override func writeZeroes(at offset: UInt64, length: UInt64, keepingSpace: Bool) throws(Errno) {
        try note("zero \(offset)+\(length) \(keepingSpace)")
        try super.writeZeroes(at: offset, length: length, keepingSpace: keepingSpace)
    }
}

/// A disk, the device on its thread, and a driver that sends one request after another.
final class BlockFixture {
    struct Answer: Equatable {
        /// nil where the device wrote none.
        var status: UInt8?
        var written: UInt32
    }

    static let header: UInt64 = 0x1000
    static let data: UInt64 = 0x2000
    static let status: UInt64 = 0x8000

    let file: TemporaryFile
    let memory: GuestMemory
    let backend: SpyBackend
    let device: BlockDevice
    let driver: DriverMock
    private(set) var queue: DriverQueue

    /// - Parameter path: a disk other than `file`.
    init(path: String? = nil, readOnly: Bool = false, without refused: VirtioFeatures = []) throws {
        file = TemporaryFile(sectors: 64)
        memory = try GuestMemory([(GuestAddress(0), 0x40000)])
        backend = try SpyBackend(path: path ?? file.path, readOnly: readOnly)
        device = try BlockDevice(backend, name: "vda", memory: memory)
        driver = DriverMock(MMIOTransport(device))
        queue = DriverQueue(memory, base: 0x10000, size: 64)
        try driver.start([queue], without: refused)
        try device.start()
    }

    deinit { device.stop() }

    func writeHeader(_ type: UInt32, _ sector: UInt64) throws {
        try memory.write(UInt64(type), at: GuestAddress(BlockFixture.header))
        try memory.write(sector, at: GuestAddress(BlockFixture.header + 8))
    }

    /// Sends a chain and waits for its answer; the status is looked for at its usual place.
    func send(_ chain: [DriverBuffer], indirect: Bool = false) throws -> Answer {
        let unwritten: UInt8 = 0xAA
        try memory.write(unwritten, at: GuestAddress(BlockFixture.status))
        try queue.setUsedEvent(try queue.usedIndex())
        if indirect { try queue.addIndirect(chain) } else { try queue.add(chain) }
        driver.ring(0)
        var used: UsedElement?
        try driver.handleInterrupts {
            used = try queue.takeUsed()
            return used != nil
        }
        let status = try memory.read(UInt8.self, at: GuestAddress(BlockFixture.status))
        return Answer(status: status == unwritten ? nil : status, written: used!.written)
    }

    /// Sends a request in the framing that Linux uses: header, data, status.
    func request(
        _ type: UInt32, sector: UInt64 = 0, out: [UInt8] = [], in count: UInt32 = 0
    ) throws -> Answer {
        try writeHeader(type, sector)
        try memory.writeBytes(out, at: GuestAddress(BlockFixture.data))
        var chain: [DriverBuffer] = [.readable(BlockFixture.header, 16)]
        if !out.isEmpty { chain.append(.readable(BlockFixture.data, UInt32(out.count))) }
        if count > 0 { chain.append(.writable(BlockFixture.data, count)) }
        return try send(chain + [.writable(BlockFixture.status, 1)])
    }

    /// The first bytes of the data buffer.
    func data(_ count: Int) throws -> [UInt8] {
        try memory.readBytes(at: GuestAddress(BlockFixture.data), count: count)
    }

    /// A range of a discard or write-zeroes request.
    static func range(_ sector: UInt64, _ count: UInt32, flags: UInt32 = 0) -> [UInt8] {
        withUnsafeBytes(of: sector) { Array($0) } + withUnsafeBytes(of: count) { Array($0) }
            + withUnsafeBytes(of: flags) { Array($0) }
    }

    /// Sends a chain that breaks the device, and waits for it to say so.
    func sendBreaking(_ chain: [DriverBuffer]) throws {
        try queue.add(chain)
        driver.ring(0)
        try driver.handleInterrupts { driver.status.contains(.needsReset) }
    }

    /// Resets the device and starts it with a fresh queue.
    func restart() throws {
        driver.reset()
        try memory.fill(0, at: GuestAddress(0x20000), count: 0x4000)
        queue = DriverQueue(memory, base: 0x20000, size: 64)
        try driver.start([queue])
    }
}

extension BlockFixture.Answer {
    static func ok(_ written: UInt32) -> Self { Self(status: 0, written: written) }
    static func failed(_ written: UInt32 = 1) -> Self { Self(status: 1, written: written) }
    static var unsupported: Self { Self(status: 2, written: 1) }
}
