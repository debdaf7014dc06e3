import Testing

@testable import Host

@Suite struct MemoryMappingTests {
    @Test(arguments: [4096, 2 << 20])
    func startsAtItsAlignment(alignment: Int) throws {
        let mapping = try MemoryMapping.anonymous(count: 3 * 4096, alignment: alignment)

        #expect(UInt(bitPattern: mapping.baseAddress) % UInt(alignment) == 0)
        #expect(mapping.count == 3 * 4096)
        mapping.baseAddress.storeBytes(of: 7, toByteOffset: 3 * 4096 - 1, as: UInt8.self)
    }

    @Test func saysThatAddressSpaceIsShort() {
        #expect(throws: Errno.noMemory) { _ = try MemoryMapping.anonymous(count: .max, alignment: 2 << 20) }
    }
}
