// The tables by which Linux finds processors, I/O APIC and interrupt lines without ACPI
// (Intel MultiProcessor Specification 1.4, chapter 4; arch/x86/include/asm/mpspec_def.h).

public import GuestMemory

/// An MP configuration table for 1–32 processors with local APIC ids from 0 on.
public struct MPTable: Sendable {
    private static var isaBus: UInt8 { 0 }
    /// The largest number of processors.
    public static var maximumProcessors: Int { 32 }

    private let processors: UInt8

    /// Nil where `processors` is not in 1–32.
    public init?(processors: Int) {
        guard processors >= 1, processors <= MPTable.maximumProcessors else { return nil }
        self.processors = UInt8(processors)
    }

    /// Writes the floating pointer and, right behind it, the table.
    public func write(to memory: GuestMemory) throws(GuestMemoryError) {
        let table = GuestAddress(Layout.mpTable.rawValue + 16)
        try memory.writeBytes(floatingPointer(to: table), at: Layout.mpTable)
        try memory.writeBytes(configurationTable, at: table)
    }

    /// MP floating pointer structure (4.1).
    private func floatingPointer(to table: GuestAddress) -> [UInt8] {
        var bytes = [UInt8]("_MP_".utf8)
        bytes.append(littleEndian: UInt32(table.rawValue))
        bytes += [
            1,  // length in units of 16 bytes
            4,  // specification 1.4
            0,  // checksum, below
            0,  // there is a configuration table
            0,  // no IMCR: virtual wire mode
            0, 0, 0,
        ]
        MPTable.setChecksum(of: &bytes, at: 10)
        return bytes
    }

    /// MP configuration table (4.2): header, then entries in ascending order of type.
    private var configurationTable: [UInt8] {
        var entries: [UInt8] = []
        entries.reserveCapacity(Int(Layout.mpTableSize))
        var count: UInt16 = 0
        for identifier in 0..<processors {
            appendProcessor(identifier, to: &entries)
            count += 1
        }
        // Bus (4.3.2): type, id, name.
        entries += [1, MPTable.isaBus] + [UInt8]("ISA   ".utf8)
        // I/O APIC (4.3.3): type, id, version of KVM's, enabled, address. The id is the first that no processor has.
        entries += [2, processors, 0x11, 1]
        entries.append(littleEndian: UInt32(Layout.ioAPIC.rawValue))
        count += 2
        // I/O interrupts (4.3.4), line n at input n, also above the ISA bus's 16 lines: of an ISA interrupt that
        // "conforms to the bus" Linux knows that it is edge-triggered and active high, which irqfd needs. Line 2 is
        // the cascade of the two PICs; Linux refuses it.
        for line in 0..<Layout.ioAPICInputs where line != 2 {
            entries += [3, 0, 0, 0, MPTable.isaBus, line, processors, line]
            count += 1
        }
        // Local interrupts (4.3.5): ExtINT at the boot processor's LINT0, NMI at every processor's LINT1.
        entries += [4, 3, 0, 0, MPTable.isaBus, 0, 0, 0]
        entries += [4, 1, 0, 0, MPTable.isaBus, 0, 0xFF, 1]
        count += 2

        var table = header(entries: count, length: UInt16(entries.count))
        table += entries
        MPTable.setChecksum(of: &table, at: 7)
        return table
    }

    /// MP configuration table header (4.2), 44 bytes; `length` is that of the entries.
    private func header(entries: UInt16, length: UInt16) -> [UInt8] {
        var bytes = [UInt8]("PCMP".utf8)
        bytes.append(littleEndian: 44 + length)
        bytes += [4, 0]  // specification 1.4; checksum, later
        bytes += [UInt8]("APUS    VM          ".utf8)
        bytes.append(littleEndian: UInt32(0))  // no OEM table
        bytes.append(littleEndian: UInt16(0))
        bytes.append(littleEndian: entries)
        bytes.append(littleEndian: UInt32(Layout.localAPIC.rawValue))
        bytes.append(littleEndian: UInt32(0))  // no extended table
        return bytes
    }

    /// Processor (4.3.1), 20 bytes.
    private func appendProcessor(_ identifier: UInt8, to entries: inout [UInt8]) {
        // Version of KVM's local APIC; usable, and for the first "the boot processor".
        entries += [0, identifier, 0x14, identifier == 0 ? 3 : 1]
        entries.append(littleEndian: UInt32(0x600))  // family 6
        entries.append(littleEndian: UInt32(0x201))  // FPU and APIC; the rest is in CPUID
        entries.append(littleEndian: UInt64(0))
    }

    /// Makes all bytes add up to 0.
    private static func setChecksum(of bytes: inout [UInt8], at index: Int) {
        bytes[index] = 0
        bytes[index] = 0 &- bytes.reduce(0, &+)
    }
}
