import Foundation
import Testing

@testable import Host

/// A file that goes with the test.
final class TemporaryFile {
    let path: String
    let descriptor: FileDescriptor

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("apus-\(UUID())").path
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        descriptor = try .open(path, .readWrite)
    }

    deinit { unlink(path) }
}

@Suite struct FileDescriptorTests {
    @Test func aWriteThatFailsEndsNothing() {
        SignalFD.ignoreFailedWrites()
        // What a write to a closed pipe raises, and one past RLIMIT_FSIZE.
        #expect(raise(SIGPIPE) == 0)
        #expect(raise(SIGXFSZ) == 0)
    }

    @Test func namesWhatIsMissing() {
        #expect(throws: Errno.noSuchFile) { _ = try FileDescriptor.open("/nonexistent/file", .readOnly) }
    }

    @Test func readsBackWhatItWroteAndStopsAtTheEnd() throws {
        let file = try TemporaryFile()
        try file.descriptor.writeAll(Array("0123456789".utf8))

        #expect(try file.descriptor.read(count: 4, at: 2) == Array("2345".utf8))
        #expect(try file.descriptor.read(count: 100, at: 8) == Array("89".utf8))
        #expect(try file.descriptor.read(count: 4, at: 99) == [])
    }

    @Test func closesWhenItsOwnerGoes() throws {
        let number: Int32
        do {
            let descriptor = try FileDescriptor.open("/dev/null", .readOnly)
            number = descriptor.rawValue
            #expect(fcntl(number, F_GETFD) == FD_CLOEXEC)
        }
        #expect(fcntl(number, F_GETFD) == -1)
    }

    @Test func tellsKinds() throws {
        let directory = try FileDescriptor.open("/", .readOnly)
        let null = try FileDescriptor.open("/dev/null", .readOnly)
        let file = try TemporaryFile()
        try file.descriptor.writeAll([1, 2, 3])

        #expect(try directory.status().kind == .directory)
        #expect(try null.status().kind == .other)
        #expect(try file.descriptor.status().kind == .regular)
        #expect(try file.descriptor.status().size == 3)
    }

    @Test func excludesASecondWriterUntilTheFirstIsGone() throws {
        let file = try TemporaryFile()
        let second = try FileDescriptor.open(file.path, .readWrite)
        do {
            let first = try FileDescriptor.open(file.path, .readWrite)
            #expect(try first.tryLock(exclusive: true))
            #expect(try !second.tryLock(exclusive: true))
            #expect(try !second.tryLock(exclusive: false))
        }
        #expect(try second.tryLock(exclusive: true))
    }

    @Test func punchesHolesAndZeroes() throws {
        let file = try TemporaryFile()
        try file.descriptor.writeAll([UInt8](repeating: 7, count: 16384))

        try file.descriptor.punchHole(at: 4096, length: 4096)
        try file.descriptor.zeroRange(at: 8192, length: 100)

        let bytes = try file.descriptor.read(count: 16384, at: 0)
        #expect(bytes[0..<4096].allSatisfy { $0 == 7 })
        #expect(bytes[4096..<8292].allSatisfy { $0 == 0 })
        #expect(bytes[8292...].allSatisfy { $0 == 7 })
    }

    @Test func appendsWhatItReadsAndWritesParts() throws {
        let file = try TemporaryFile()
        #expect(try file.descriptor.write(Array("0123456789".utf8), in: 2..<6) == 4)
        #expect(try file.descriptor.write([1], in: 1..<1) == 0)
        let reader = try FileDescriptor.open(file.path, .readOnly)
        var bytes = Array("x".utf8)

        #expect(try reader.read(count: 100, appendingTo: &bytes) == 4)
        #expect(try reader.read(count: 100, appendingTo: &bytes) == 0)

        #expect(bytes == Array("x2345".utf8))
        #expect(throws: Errno.badFileDescriptor) { try reader.write([1], in: 0..<1) }
    }

    @Test func writesZeroes() throws {
        let file = try TemporaryFile()
        try file.descriptor.writeAll([UInt8](repeating: 7, count: 200_000))

        try file.descriptor.writeZeroes(at: 100, length: 150_000)

        let bytes = try file.descriptor.read(count: 200_000, at: 0)
        #expect(bytes[..<100].allSatisfy { $0 == 7 })
        #expect(bytes[100..<150_100].allSatisfy { $0 == 0 })
        #expect(bytes[150_100...].allSatisfy { $0 == 7 })
    }
}
