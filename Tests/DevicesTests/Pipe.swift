import Foundation
import Host

@testable import Devices

/// A pipe whose ends a test gives away or closes; what is left closes with it.
final class Pipe: @unchecked Sendable {
    private var reader: Int32
    private var writer: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        precondition(pipe(&ends) == 0)
        (reader, writer) = (ends[0], ends[1])
    }

    deinit {
        for end in [reader, writer] where end >= 0 { close(end) }
    }

    func takeReader() -> FileDescriptor {
        defer { reader = -1 }
        return FileDescriptor(owning: reader)
    }

    func takeWriter() -> FileDescriptor {
        defer { writer = -1 }
        return FileDescriptor(owning: writer)
    }

    /// Reads `count` bytes, waiting for them; fewer where the writer has gone.
    func read(_ count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let result = bytes[filled...].withUnsafeMutableBytes { Glibc.read(reader, $0.baseAddress, $0.count) }
            guard result >= 0 else { throw Errno(rawValue: errno) }
            if result == 0 { return [UInt8](bytes[..<filled]) }
            filled += result
        }
        return bytes
    }

    func write(_ bytes: [UInt8]) throws {
        guard Glibc.write(writer, bytes, bytes.count) == bytes.count else { throw Errno(rawValue: errno) }
    }

    /// How many bytes wait in the pipe, as its writer sees it.
    func pending() throws -> Int {
        var count: Int32 = 0
        guard ioctl(writer, UInt(FIONREAD), &count) == 0 else { throw Errno(rawValue: errno) }
        return Int(count)
    }
}

extension EventLoop {
    /// Runs every handler that is ready now.
    func runReady() throws {
        while try runOnce(timeoutMilliseconds: 0) {}
    }

    /// Runs handlers, waiting for each, until `condition` holds.
    func run(until condition: () throws -> Bool) throws {
        while try !condition() {
            guard try runOnce(timeoutMilliseconds: 10_000) else { throw Errno.wouldBlock }
        }
    }
}
