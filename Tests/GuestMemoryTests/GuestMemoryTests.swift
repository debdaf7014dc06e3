import Testing

@testable import GuestMemory

@Suite struct GuestMemoryTests {
    /// 64 KiB at 0, a hole, 64 KiB at 4 GiB.
    let memory: GuestMemory

    init() throws {
        memory = try GuestMemory([
            (GuestAddress(0), 0x10000), (GuestAddress(1 << 32), 0x10000),
        ])
    }

    @Test func copiesAtBothEndsOfEveryRegion() throws {
        for address in [0, 0xFFF8, 1 << 32, (1 << 32) + 0xFFF8] as [UInt64] {
            try memory.write(UInt64(0x0123_4567_89AB_CDEF), at: GuestAddress(address))
            #expect(try memory.read(UInt64.self, at: GuestAddress(address)) == 0x0123_4567_89AB_CDEF)
        }
    }

    @Test(arguments: [0xFFF9, 0x10000, 0xFFFF_FFFF, (1 << 32) + 0xFFF9, .max - 7, .max] as [UInt64])
    func refusesWhatLeavesARegion(address: UInt64) {
        #expect(throws: GuestMemoryError.outOfRange(GuestAddress(address), length: 8)) {
            try memory.read(UInt64.self, at: GuestAddress(address))
        }
        #expect(throws: GuestMemoryError.outOfRange(GuestAddress(address), length: 8)) {
            try memory.write(UInt64(1), at: GuestAddress(address))
        }
    }

    @Test func refusesLengthsThatWrap() {
        #expect(!memory.contains(GuestAddress(0), count: UInt64.max))
        #expect(!memory.contains(GuestAddress(0x8000), count: UInt64.max - 0x7FFF))
        #expect(throws: GuestMemoryError.self) { try memory.readBytes(at: GuestAddress(0), count: -1) }
        #expect(throws: GuestMemoryError.self) { try memory.fill(1, at: GuestAddress(0x8000), count: 0x8001) }
    }

    @Test func copiesBytesAndFills() throws {
        try memory.writeBytes([1, 2, 3, 4], at: GuestAddress(0x1001))
        try memory.fill(9, at: GuestAddress(0x1002), count: 2)
        #expect(try memory.readBytes(at: GuestAddress(0x1000), count: 6) == [0, 1, 9, 9, 4, 0])
        #expect(try memory.readBytes(at: GuestAddress(0x1000), count: 0) == [])
    }

    @Test func copiesPartsOfArrays() throws {
        try memory.writeBytes([1, 2, 3, 4, 5], in: 1..<4, at: GuestAddress(0xFFFD))
        var bytes: [UInt8] = [9]
        try memory.appendBytes(at: GuestAddress(0xFFFC), count: 4, to: &bytes)
        #expect(bytes == [9, 0, 2, 3, 4])
        #expect(throws: GuestMemoryError.self) { try memory.writeBytes([1, 2], in: 0..<2, at: GuestAddress(0xFFFF)) }
        #expect(throws: GuestMemoryError.self) { try memory.appendBytes(at: GuestAddress(0), count: -1, to: &bytes) }
        #expect(bytes.count == 5)
    }

    @Test func refusesMisalignedIndices() throws {
        try memory.storeRelease(0xBEEF, at: GuestAddress(0x2002))
        #expect(try memory.loadAcquire(at: GuestAddress(0x2002)) == 0xBEEF)
        #expect(throws: GuestMemoryError.misaligned(GuestAddress(0x2001))) {
            try memory.loadAcquire(at: GuestAddress(0x2001))
        }
        #expect(throws: GuestMemoryError.misaligned(GuestAddress(0x2001))) {
            try memory.storeRelease(1, at: GuestAddress(0x2001))
        }
    }

    @Test(
        arguments: [
            [(0, 0)], [(1, 4096)], [(0, 100)], [(0, 8192), (4096, 4096)],
            [(UInt64.max - 4095, 8192)], [(4096, 4096), (0, 4096)],
        ] as [[(UInt64, UInt64)]])
    func refusesRangesThatMakeNoMap(ranges: [(UInt64, UInt64)]) {
        #expect(throws: GuestMemoryError.self) {
            try GuestMemory(ranges.map { (GuestAddress($0.0), $0.1) })
        }
    }

    @Test func saysThatTheHostHasTooLittle() {
        #expect(throws: GuestMemoryError.host(.noMemory)) {
            try GuestMemory([(GuestAddress(0), 1 << 60)])
        }
    }

    @Test func sharedMemoryStartsAsZeroes() throws {
        let shared = try GuestMemory([(GuestAddress(0), 0x4000)], backing: .shared)
        #expect(try shared.read(UInt64.self, at: GuestAddress(0x3FF8)) == 0)
        try shared.write(UInt8(5), at: GuestAddress(0x3FFF))
        #expect(try shared.read(UInt8.self, at: GuestAddress(0x3FFF)) == 5)
    }
}
