import Foundation
import Host
import Testing

@testable import GuestMemory

@Suite struct GuestIOVectorTests {
    let memory: GuestMemory
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("apus-\(UUID())").path

    init() throws {
        memory = try GuestMemory([(GuestAddress(0), 1 << 20)])
        _ = FileManager.default.createFile(atPath: path, contents: Data((0..<10_000).map { UInt8($0 % 251) }))
    }

    @Test func readsIntoScatteredRanges() throws {
        defer { unlink(path) }
        let file = try FileDescriptor.open(path, .readOnly)
        var vector = GuestIOVector(memory)
        try vector.append(GuestAddress(0x1000), count: 3)
        try vector.append(GuestAddress(0x2000), count: 0)
        try vector.append(GuestAddress(0x3000), count: 5)

        #expect(try vector.readAll(from: file, at: 10) == 8)

        #expect(try memory.readBytes(at: GuestAddress(0x1000), count: 4) == [10, 11, 12, 0])
        #expect(try memory.readBytes(at: GuestAddress(0x3000), count: 6) == [13, 14, 15, 16, 17, 0])
    }

    @Test func saysWhereTheFileEnds() throws {
        defer { unlink(path) }
        let file = try FileDescriptor.open(path, .readOnly)
        var vector = GuestIOVector(memory)
        try vector.append(GuestAddress(0), count: 4096)
        #expect(try vector.readAll(from: file, at: 9_990) == 10)
        #expect(try vector.readAll(from: file, at: 20_000) == 0)
    }

    @Test func writesMoreRangesThanOneCallTakes() throws {
        defer { unlink(path) }
        let file = try FileDescriptor.open(path, .readWrite)
        var vector = GuestIOVector(memory)
        for index in 0..<3000 {
            try memory.write(UInt8(index % 256), at: GuestAddress(UInt64(index)))
            try vector.append(GuestAddress(UInt64(index)), count: 1)
        }

        #expect(try vector.writeAll(to: file, at: 5) == 3000)

        #expect(try file.read(count: 3000, at: 5) == (0..<3000).map { UInt8($0 % 256) })
    }

    @Test func refusesRangesOutsideMemory() {
        defer { unlink(path) }
        var vector = GuestIOVector(memory)
        #expect(throws: GuestMemoryError.outOfRange(GuestAddress(0xF_FFFF), length: 2)) {
            try vector.append(GuestAddress(0xF_FFFF), count: 2)
        }
        #expect(vector.count == 0)
    }

    @Test func mapsAFileCopyOnWrite() throws {
        defer { unlink(path) }
        let file = try FileDescriptor.open(path, .readOnly)

        try memory.mapFile(file, fileOffset: 4096, at: GuestAddress(0x8000), count: 10_000 - 4096)
        try memory.write(UInt8(255), at: GuestAddress(0x8000))

        #expect(try memory.read(UInt8.self, at: GuestAddress(0x8001)) == UInt8(4097 % 251))
        #expect(try file.read(count: 1, at: 4096) == [UInt8(4096 % 251)])
        #expect(try memory.read(UInt8.self, at: GuestAddress(0x8000 + 10_000 - 4096)) == 0)
        #expect(throws: GuestMemoryError.misaligned(GuestAddress(0x8001))) {
            try memory.mapFile(file, fileOffset: 0, at: GuestAddress(0x8001), count: 1)
        }
        #expect(throws: GuestMemoryError.outOfRange(GuestAddress(0xFF000), length: 8192)) {
            try memory.mapFile(file, fileOffset: 0, at: GuestAddress(0xFF000), count: 8192)
        }
    }
}
