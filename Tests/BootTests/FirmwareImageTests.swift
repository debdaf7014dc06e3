import GuestMemory
import Testing

@testable import Boot

@Suite struct FirmwareImageTests {
    @Test(arguments: [0x1000, 0x3000, 0x4_0000], [LoadStrategy.map, .copy])
    func endsAtFourGiB(count: Int, strategy: LoadStrategy) throws {
        let file = try TemporaryFile(pattern(count))
        let image = try FirmwareImage.open(file.path)
        #expect(image.start.rawValue + image.count == 1 << 32)
        let memory = try GuestMemory([(GuestAddress(0), 0x10_0000), (image.start, image.count)])
        try image.load(into: memory, strategy: strategy)
        #expect(try memory.readBytes(at: image.start, count: count) == pattern(count))
    }

    @Test(
        arguments: [
            (0, .file(.empty)), (1, .notWholePages(size: 1)), (0xFFF, .notWholePages(size: 0xFFF)),
            (0x1001, .notWholePages(size: 0x1001)), (0x3_FFFF, .notWholePages(size: 0x3_FFFF)),
            (0x4_0001, .tooLarge(size: 0x4_0001, limit: 0x4_0000)),
            (0x4_1000, .tooLarge(size: 0x4_1000, limit: 0x4_0000)),
        ] as [(Int, FirmwareError)])
    func refusesOtherSizes(count: Int, error: FirmwareError) throws {
        let file = try TemporaryFile(pattern(count))
        #expect(throws: error) { _ = try FirmwareImage.open(file.path) }
        #expect(error.message(path: "/f").hasPrefix("firmware /f: "))
    }

    @Test func refusesWhatIsNoFile() {
        #expect(throws: FirmwareError.file(.missing)) { _ = try FirmwareImage.open("/nonexistent/rom") }
        #expect(throws: FirmwareError.file(.isDirectory)) { _ = try FirmwareImage.open("/") }
    }

    @Test func needsItsPlaceInMemory() throws {
        let file = try TemporaryFile(pattern(0x1000))
        let image = try FirmwareImage.open(file.path)
        let error = FirmwareError.file(.memory(.outOfRange(GuestAddress(0xFFFF_F000), length: 0x1000)))
        #expect(throws: error) { try image.load(into: makeMemory(1 << 20)) }
    }
}
