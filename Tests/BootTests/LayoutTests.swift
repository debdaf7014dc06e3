import GuestMemory
import Testing

@testable import Boot

@Suite struct LayoutTests {
    /// Everything that has a fixed place, as (start, end).
    private static let areas: [(UInt64, UInt64)] = {
        var areas: [(UInt64, UInt64)] = [
            (0, 0x500),
            (Layout.bootGDT.rawValue, Layout.bootGDT.rawValue + UInt64(GlobalDescriptorTable.limit) + 1),
            (Layout.zeroPage.rawValue, Layout.zeroPage.rawValue + 0x1000),
            (Layout.bootStackTop.rawValue - Layout.bootStackSize, Layout.bootStackTop.rawValue),
            (Layout.pageTables.rawValue, Layout.pageTables.rawValue + Layout.pageTablesSize),
            (Layout.commandLine.rawValue, Layout.commandLine.rawValue + Layout.commandLineSize),
            (Layout.mpTable.rawValue, Layout.mpTable.rawValue + Layout.mpTableSize),
            (Layout.highMemory.rawValue, Layout.holeStart),
            (Layout.ioAPIC.rawValue, Layout.ioAPIC.rawValue + 0x1000),
            (Layout.localAPIC.rawValue, Layout.localAPIC.rawValue + 0x1000),
            (Layout.identityMapPage.rawValue, Layout.identityMapPage.rawValue + 0x1000),
            (
                Layout.taskStateSegments.rawValue,
                Layout.taskStateSegments.rawValue + Layout.taskStateSegmentsSize
            ),
            (Layout.firmwareStart(count: Layout.maximumFirmwareSize).rawValue, Layout.holeEnd),
        ]
        for index in 0..<Layout.maximumVirtioDevices {
            let start = Layout.virtioWindow(index)!.rawValue
            areas.append((start, start + Layout.virtioStride))
        }
        return areas
    }()

    @Test func nothingOverlaps() {
        let sorted = LayoutTests.areas.sorted { $0.0 < $1.0 }
        #expect(zip(sorted, sorted.dropFirst()).allSatisfy { $0.1 <= $1.0 })
        #expect(sorted.allSatisfy { $0.0 < $0.1 })
    }

    @Test func whatLinuxGetsInBaseMemoryEndsBelowTheMPTable() {
        let table = Layout.mpTable.rawValue
        #expect(table + Layout.mpTableSize == 640 << 10)
        #expect(LayoutTests.areas.filter { $0.0 < table }.allSatisfy { $0.1 <= table })
    }

    @Test(
        arguments: [
            (0, []), (4095, []), (4096, [0, 4096]), (0x1000_0FFF, [0, 0x1000_0000]),
            (0xC000_0000, [0, 0xC000_0000]),
            (0xC000_1000, [0, 0xC000_0000, 0x1_0000_0000, 0x1000]),
            (0x1_0000_0000, [0, 0xC000_0000, 0x1_0000_0000, 0x4000_0000]),
            (.max, [0, 0xC000_0000, 0x1_0000_0000, 0xFFFF_FFFF_3FFF_F000]),
        ] as [(UInt64, [UInt64])])
    func ramGoesAroundTheHole(memory: UInt64, expected: [UInt64]) {
        let ranges = Layout.ramRanges(memory: memory)
        #expect(ranges.flatMap { [$0.start.rawValue, $0.count] } == expected)
    }

    @Test func virtioLinesAreThoseThatThePCLeavesFree() {
        let lines = (0..<Layout.maximumVirtioDevices).map { Layout.virtioGSI($0)! }
        #expect(lines == [5, 6, 7, 9, 10, 11, 12, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23])
        #expect(lines.allSatisfy { $0 < UInt32(Layout.ioAPICInputs) })
    }

    @Test(arguments: [-1, 17, Int.max, Int.min])
    func thereAreNoOtherVirtioDevices(index: Int) {
        #expect(Layout.virtioGSI(index) == nil)
        #expect(Layout.virtioWindow(index) == nil)
    }

    @Test func firmwareEndsAtFourGiB() {
        #expect(Layout.firmwareStart(count: 4096).rawValue == 0xFFFF_F000)
        #expect(Layout.firmwareStart(count: Layout.maximumFirmwareSize).rawValue == 0xFFFC_0000)
    }
}
