import Foundation
import Host
import Testing

/// A file that goes with the test.
final class TemporaryFile {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("apus-\(UUID())").path

    init(_ contents: [UInt8]) { _ = FileManager.default.createFile(atPath: path, contents: Data(contents)) }

    /// `sectors` sectors, each filled with its own number.
    convenience init(sectors: Int) {
        self.init((0..<sectors).flatMap { [UInt8](repeating: UInt8(truncatingIfNeeded: $0), count: 512) })
    }

    deinit { unlink(path) }

    var bytes: [UInt8] { [UInt8](FileManager.default.contents(atPath: path) ?? Data()) }

    func sector(_ number: Int) -> [UInt8] { [UInt8](bytes[(number * 512)..<(number * 512 + 512)]) }
}

/// A memory file that can be sealed against writes.
final class SealableFile {
    private let descriptor: FileDescriptor

    init(sectors: Int) throws {
        // The C library shows memfd_create only under _GNU_SOURCE, which Swift's importer does not define.
        typealias Create = @convention(c) (UnsafePointer<CChar>, UInt32) -> Int32
        let create = unsafeBitCast(dlsym(nil, "memfd_create"), to: Create.self)
        let allowSealing: UInt32 = 2
        descriptor = FileDescriptor(owning: create("disk", allowSealing))
        #expect(ftruncate(descriptor.rawValue, sectors * 512) == 0)
    }

    var path: String { "/proc/self/fd/\(descriptor.rawValue)" }

    func refuseWrites() {
        let addSeals: Int32 = 1033
        let sealWrite: Int32 = 8
        #expect(fcntl(descriptor.rawValue, addSeals, sealWrite) == 0)
    }
}
