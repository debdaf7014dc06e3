import Foundation
import Testing

@testable import Devices

@Suite struct BlockBackendTests {
    func error(_ path: String, readOnly: Bool = false) -> BlockBackendError? {
        do throws(BlockBackendError) {
            _ = try BlockBackend(path: path, readOnly: readOnly)
            return nil
        } catch { return error }
    }

    @Test func namesWhatIsMissing() { #expect(error("/nonexistent/disk") == .missing) }

    @Test(arguments: [true, false])
    func refusesADirectory(readOnly: Bool) { #expect(error("/tmp", readOnly: readOnly) == .directory) }

    @Test(arguments: [true, false])
    func refusesACharacterDevice(readOnly: Bool) { #expect(error("/dev/null", readOnly: readOnly) == .notStorage) }

    @Test(arguments: [true, false])
    func refusesANamedPipeWithoutWaitingForItsPeer(readOnly: Bool) {
        let path = TemporaryFile([]).path
        #expect(mkfifo(path, 0o600) == 0)
        defer { unlink(path) }
        #expect(error(path, readOnly: readOnly) == .notStorage)
    }

    @Test func refusesASocket() throws {
        let path = TemporaryFile([]).path
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer {
            close(listener)
            unlink(path)
        }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        #expect(result == 0)
        #expect(error(path) == .notStorage)
    }

    @Test func refusesAFileWithoutBytes() {
        let file = TemporaryFile([])
        #expect(error(file.path) == .empty)
    }

    @Test func refusesPartsOfSectors() {
        let file = TemporaryFile([UInt8](repeating: 0, count: 1000))
        #expect(error(file.path) == .unalignedSize(1000))
    }

    @Test func oneWriterExcludesEverybodyUntilItIsGone() throws {
        let file = TemporaryFile(sectors: 2)
        do {
            let writer = try BlockBackend(path: file.path, readOnly: false)
            #expect(writer.sectorCount == 2)
            #expect(error(file.path) == .locked(by: getpid()))
            #expect(error(file.path, readOnly: true) == .locked(by: getpid()))
        }
        #expect(error(file.path) == nil)
    }

    @Test func readersShareAndExcludeAWriter() throws {
        let file = TemporaryFile(sectors: 2)
        let readers = [
            try BlockBackend(path: file.path, readOnly: true), try BlockBackend(path: file.path, readOnly: true),
        ]
        #expect(error(file.path) == .locked(by: getpid()))
        #expect(readers.count == 2)
    }
}
