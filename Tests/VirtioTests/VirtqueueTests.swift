import GuestMemory
import Testing
import VirtioTestKit

@testable import Virtio

/// A way to break the rules of chains, and what the queue says to it.
struct HostileChain: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let expected: VirtqueueError
    var features: VirtioFeatures = [.version1, .indirectDescriptors]
    let build: @Sendable (DriverQueue) throws -> Void
}

@Suite struct VirtqueueTests {
    /// 17 MiB at 0: two descriptors of 16 MiB can overlap in it.
    static let memorySize: UInt64 = 17 << 20
    let memory: GuestMemory
    let driver: DriverQueue

    init() throws {
        memory = try GuestMemory([(GuestAddress(0), VirtqueueTests.memorySize)])
        driver = DriverQueue(memory, base: 0x10000, size: 16)
    }

    func makeQueue(_ features: VirtioFeatures = [.version1]) throws -> Virtqueue {
        try Virtqueue(driver.configuration, maximumSize: 256, features: features, memory: memory)
    }

    func descriptors(of queue: Virtqueue) throws -> [Descriptor] {
        var chain = try #require(try queue.pop())
        var descriptors: [Descriptor] = []
        while let descriptor = try chain.nextDescriptor() { descriptors.append(descriptor) }
        return descriptors
    }

    // MARK: Chains

    static let hostileChains: [HostileChain] = [
        HostileChain(testDescription: "head at the queue's size", expected: .descriptorOutOfRange(16)) {
            try $0.makeAvailable(16)
        },
        HostileChain(testDescription: "head far past the queue's size", expected: .descriptorOutOfRange(0xFFFF)) {
            try $0.makeAvailable(0xFFFF)
        },
        HostileChain(testDescription: "next at the queue's size", expected: .descriptorOutOfRange(16)) {
            try $0.setDescriptor(0, RawDescriptor(0, 1, flags: RawDescriptor.hasNext, next: 16))
            try $0.makeAvailable(0)
        },
        HostileChain(testDescription: "loop of one", expected: .chainTooLong) {
            try $0.setDescriptor(0, RawDescriptor(0, 1, flags: RawDescriptor.hasNext, next: 0))
            try $0.makeAvailable(0)
        },
        HostileChain(testDescription: "loop of two with empty buffers", expected: .chainTooLong) {
            try $0.setDescriptor(0, RawDescriptor(0, 0, flags: RawDescriptor.hasNext, next: 1))
            try $0.setDescriptor(1, RawDescriptor(0, 0, flags: RawDescriptor.hasNext, next: 0))
            try $0.makeAvailable(0)
        },
        HostileChain(testDescription: "more links than the queue's size in an indirect table", expected: .chainTooLong)
        {
            try $0.addIndirect([DriverBuffer](repeating: .readable(0, 1), count: 17))
        },
        HostileChain(
            testDescription: "address + length wraps",
            expected: .bufferOutOfRange(GuestAddress(.max - 3), count: 8)
        ) { try $0.add([.readable(.max - 3, 8)]) },
        HostileChain(
            testDescription: "crosses the end of the region",
            expected: .bufferOutOfRange(GuestAddress(memorySize - 4), count: 8)
        ) { try $0.add([.writable(memorySize - 4, 8)]) },
        HostileChain(
            testDescription: "outside memory",
            expected: .bufferOutOfRange(GuestAddress(1 << 40), count: 1)
        ) { try $0.add([.readable(1 << 40, 1)]) },
        HostileChain(testDescription: "readable after writable", expected: .readableAfterWritable) {
            try $0.add([.writable(0, 1), .readable(0, 1)])
        },
        HostileChain(
            testDescription: "indirect that was not negotiated", expected: .misplacedIndirect,
            features: [.version1]
        ) { try $0.addIndirect([.readable(0, 1)]) },
        HostileChain(testDescription: "indirect table of no bytes", expected: .unusableIndirectTable) {
            try $0.setDescriptor(0, RawDescriptor(0, 0, flags: RawDescriptor.indirect))
            try $0.makeAvailable(0)
        },
        HostileChain(testDescription: "indirect table of 24 bytes", expected: .unusableIndirectTable) {
            try $0.setDescriptor(0, RawDescriptor(0, 24, flags: RawDescriptor.indirect))
            try $0.makeAvailable(0)
        },
        HostileChain(testDescription: "indirect table that leaves memory", expected: .unusableIndirectTable) {
            try $0.setDescriptor(0, RawDescriptor(memorySize - 16, 32, flags: RawDescriptor.indirect))
            try $0.makeAvailable(0)
        },
        HostileChain(testDescription: "indirect table whose address wraps", expected: .unusableIndirectTable) {
            try $0.setDescriptor(0, RawDescriptor(.max - 15, 32, flags: RawDescriptor.indirect))
            try $0.makeAvailable(0)
        },
        HostileChain(testDescription: "indirect inside indirect", expected: .misplacedIndirect) {
            try $0.addIndirect([.readable(0, 1)])
            let nested = RawDescriptor($0.indirectTable.rawValue, 16, flags: RawDescriptor.indirect)
            try $0.setDescriptor(in: $0.indirectTable, 0, nested)
        },
        HostileChain(testDescription: "indirect and next", expected: .misplacedIndirect) {
            let flags = RawDescriptor.indirect | RawDescriptor.hasNext
            try $0.setDescriptor(0, RawDescriptor($0.indirectTable.rawValue, 16, flags: flags, next: 1))
            try $0.makeAvailable(0)
        },
        HostileChain(testDescription: "next past the indirect table", expected: .descriptorOutOfRange(1)) {
            try $0.addIndirect([.readable(0, 1)])
            try $0.setDescriptor(in: $0.indirectTable, 0, RawDescriptor(0, 1, flags: RawDescriptor.hasNext, next: 1))
        },
        HostileChain(testDescription: "available index more than a queue ahead", expected: .availableIndexRanAhead) {
            try $0.setAvailableIndex(17)
        },
        HostileChain(testDescription: "available index that went back", expected: .availableIndexRanAhead) {
            try $0.setAvailableIndex(.max)
        },
    ]

    @Test(arguments: hostileChains)
    func refuses(_ hostile: HostileChain) throws {
        let queue = try makeQueue(hostile.features)
        try hostile.build(driver)
        #expect(throws: hostile.expected) { try descriptors(of: queue) }
    }

    @Test func refusesAChainOfMoreThan4GiB() throws {
        let large = DriverQueue(memory, base: 0x20000, size: 256)
        let queue = try Virtqueue(large.configuration, maximumSize: 256, features: [.version1], memory: memory)
        try large.add([DriverBuffer](repeating: .readable(0, 16 << 20), count: 256))
        #expect(try descriptors(of: queue).count == 256)

        try large.add([DriverBuffer](repeating: .readable(0, 16 << 20), count: 255) + [.readable(0, (16 << 20) + 1)])

        #expect(throws: VirtqueueError.chainTooLarge) { try descriptors(of: queue) }
    }

    @Test func walksADirectChain() throws {
        let queue = try makeQueue()
        try driver.add([.readable(0x100, 16), .readable(0x200, 0), .writable(0x300, 1)])

        let found = try descriptors(of: queue)

        #expect(
            found == [
                Descriptor(address: GuestAddress(0x100), count: 16, isWritable: false),
                Descriptor(address: GuestAddress(0x200), count: 0, isWritable: false),
                Descriptor(address: GuestAddress(0x300), count: 1, isWritable: true),
            ])
    }

    @Test func walksOrdinaryDescriptorsAndThenAnIndirectTable() throws {
        let queue = try makeQueue([.version1, .indirectDescriptors])
        // Unaligned, and with a WRITE flag that means nothing on the table itself.
        let table = GuestAddress(0x5003)
        try driver.setDescriptor(3, RawDescriptor(0x100, 16, flags: RawDescriptor.hasNext, next: 9))
        let flags = RawDescriptor.indirect | RawDescriptor.writable
        try driver.setDescriptor(9, RawDescriptor(table.rawValue, 32, flags: flags))
        try driver.setDescriptor(in: table, 0, RawDescriptor(0x200, 8, flags: RawDescriptor.hasNext, next: 1))
        try driver.setDescriptor(in: table, 1, RawDescriptor(0x300, 1, flags: RawDescriptor.writable))
        try driver.makeAvailable(3)

        let found = try descriptors(of: queue)

        #expect(found.map(\.address.rawValue) == [0x100, 0x200, 0x300])
        #expect(found.map(\.isWritable) == [false, false, true])
    }

    @Test func readsADescriptorOnce() throws {
        let queue = try makeQueue()
        try driver.add([.readable(0x100, 4), .readable(0x200, 4)])
        var chain = try #require(try queue.pop())
        let first = try #require(try chain.nextDescriptor())

        try driver.setDescriptor(0, RawDescriptor(.max, .max))

        #expect(first.address == GuestAddress(0x100))
        #expect(try chain.nextDescriptor()?.address == GuestAddress(0x200))
    }

    @Test(
        arguments: [
            (0, 0x1000, 0x2000, 0x3000), (3, 0x1000, 0x2000, 0x3000), (512, 0x1000, 0x2000, 0x3000),
            (16, 0x1008, 0x2000, 0x3000), (16, 0x1000, 0x2001, 0x3000), (16, 0x1000, 0x2000, 0x3002),
            (16, VirtqueueTests.memorySize - 16 * 15, 0x2000, 0x3000),
            (16, 0x1000, VirtqueueTests.memorySize - 36, 0x3000),
            (16, 0x1000, 0x2000, VirtqueueTests.memorySize - 132), (16, UInt64.max - 15, 0x2000, 0x3000),
            (16, 0x1000, 0x2000, UInt64.max - 3),
        ] as [(UInt16, UInt64, UInt64, UInt64)])
    func refusesAConfiguration(size: UInt16, table: UInt64, available: UInt64, used: UInt64) {
        var configuration = VirtqueueConfiguration()
        configuration.size = size
        configuration.descriptorTable = GuestAddress(table)
        configuration.availableRing = GuestAddress(available)
        configuration.usedRing = GuestAddress(used)
        #expect(throws: VirtqueueError.unusableConfiguration) {
            try Virtqueue(configuration, maximumSize: 256, features: [], memory: memory)
        }
    }

    @Test func usesRingsThatEndWithMemory() throws {
        var configuration = driver.configuration
        configuration.usedRing = GuestAddress(VirtqueueTests.memorySize - 136)
        let queue = try Virtqueue(configuration, maximumSize: 16, features: [.eventIndex], memory: memory)
        #expect(try !queue.armDoorbell())
    }

    // MARK: Rings

    @Test func wrapsBothRingsAndTheirIndices() throws {
        let queue = try makeQueue()
        for round in 0..<70_000 {
            try driver.setDescriptor(UInt16(round % 16), RawDescriptor(0, 1))
            try driver.makeAvailable(UInt16(round % 16))
            let chain = try #require(try queue.pop())
            try queue.complete(chain.head, written: UInt32(round))
            #expect(try driver.takeUsed() == UsedElement(head: UInt32(round % 16), written: UInt32(round)))
        }
        #expect(try !queue.hasAvailable())
        #expect(try driver.usedIndex() == UInt16(truncatingIfNeeded: 70_000))
    }

    @Test func takesAFullQueue() throws {
        let queue = try makeQueue()
        for _ in 0..<16 { try driver.add([.readable(0, 1)]) }
        for _ in 0..<16 { _ = try #require(try queue.pop()) }
        #expect(try !queue.hasAvailable())
    }

    // MARK: Notifications

    /// (used index before, chains completed, used_event, interrupt wanted)
    @Test(
        arguments: [
            (0, 1, 0, true), (0, 1, 1, false), (0, 3, 2, true), (0, 3, 0, true), (0, 3, 3, false),
            (5, 2, 4, false), (5, 2, 5, true), (5, 2, 6, true), (5, 2, 7, false),
            (0xFFFE, 4, 0xFFFF, true), (0xFFFE, 4, 1, true), (0xFFFE, 4, 2, false), (0xFFFE, 4, 0xFFFD, false),
        ] as [(UInt16, UInt16, UInt16, Bool)])
    func interruptsByTheEventIndex(before: UInt16, completed: UInt16, usedEvent: UInt16, expected: Bool) throws {
        let queue = try makeQueue([.version1, .eventIndex])
        for _ in 0..<before { try queue.complete(0, written: 0) }
        _ = try queue.needsInterrupt()
        for _ in 0..<completed { try queue.complete(0, written: 0) }
        try driver.setUsedEvent(usedEvent)
        // Bit 0 of the flags means nothing once the event index is negotiated.
        try driver.setInterruptsSuppressed(true)

        #expect(try queue.needsInterrupt() == expected)
        #expect(try !queue.needsInterrupt())
    }

    @Test func interruptsByTheFlagWithoutTheEventIndex() throws {
        let queue = try makeQueue()
        #expect(try !queue.needsInterrupt())
        try queue.complete(0, written: 0)
        #expect(try queue.needsInterrupt())

        try driver.setInterruptsSuppressed(true)
        try driver.setUsedEvent(1)
        try queue.complete(0, written: 0)
        #expect(try !queue.needsInterrupt())
    }

    @Test func armsTheDoorbellByTheEventIndex() throws {
        let queue = try makeQueue([.version1, .eventIndex])
        try driver.add([.readable(0, 1)])
        _ = try queue.pop()

        try queue.suppressDoorbell()
        #expect(try !queue.armDoorbell())

        #expect(try driver.availableEvent() == 1)
        #expect(try !driver.isDoorbellSuppressed())
    }

    @Test func armsTheDoorbellByTheFlagWithoutTheEventIndex() throws {
        let queue = try makeQueue()
        try queue.suppressDoorbell()
        #expect(try driver.isDoorbellSuppressed())
        #expect(try !queue.armDoorbell())
        #expect(try !driver.isDoorbellSuppressed())
        #expect(try driver.availableEvent() == 0)
    }

    @Test(arguments: [[], [.eventIndex]] as [VirtioFeatures])
    func seesAChainThatCameBeforeTheDoorbellWasArmed(features: VirtioFeatures) throws {
        let queue = try makeQueue(features)
        #expect(try !queue.hasAvailable())
        try driver.add([.readable(0, 1)])
        #expect(try queue.armDoorbell())
    }
}
