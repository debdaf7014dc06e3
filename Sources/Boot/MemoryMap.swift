// The memory map that firmware would report through INT 15h, AX=E820h.

public import GuestMemory

/// One entry of the e820 map (struct boot_e820_entry, asm/bootparam.h).
public struct MemoryMapEntry: Equatable, Sendable {
    public enum Kind: UInt32, Sendable {
        /// E820_TYPE_RAM
        case ram = 1
        /// E820_TYPE_RESERVED
        case reserved = 2
    }

    public let start: UInt64
    /// In bytes.
    public let count: UInt64
    public let kind: Kind
}

extension MemoryMapEntry {
    /// What a kernel may use of `memory`: base memory up to the MP table, and all RAM from 1 MiB on. The 384 KiB
    /// between are left out, since kernels expect a PC's ROMs there; so is anything else in the hole.
    public static func map(of memory: GuestMemory) -> [MemoryMapEntry] {
        let tableStart = Layout.mpTable.rawValue
        var entries = [
            MemoryMapEntry(start: 0, count: tableStart, kind: .ram),
            MemoryMapEntry(start: tableStart, count: Layout.mpTableSize, kind: .reserved),
        ]
        for region in memory.regions {
            let isRAM = region.start.rawValue < Layout.holeStart || region.start.rawValue >= Layout.holeEnd
            let start = max(region.start.rawValue, Layout.highMemory.rawValue)
            guard isRAM, start < region.end else { continue }
            entries.append(MemoryMapEntry(start: start, count: region.end - start, kind: .ram))
        }
        return entries
    }
}
