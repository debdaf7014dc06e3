// The state in which Linux's 64-bit entry wants the boot processor (boot.rst, "64-bit Boot Protocol"): long mode,
// paging on, flat segments __BOOT_CS 0x10 and __BOOT_DS 0x18, interrupts off, RSI at the zero page.

public import GuestMemory

extension BootSegment {
    /// Flat 64-bit code, execute and read.
    public static var bootCode: BootSegment {
        BootSegment(selector: 0x10, base: 0, limit: 0xFFFF_FFFF, type: 0xB, s: 1, l: 1, g: 1)
    }

    /// Flat data, read and write.
    public static var bootData: BootSegment {
        BootSegment(selector: 0x18, base: 0, limit: 0xFFFF_FFFF, type: 0x3, s: 1, db: 1, g: 1)
    }

    /// A busy 64-bit TSS: nobody uses it, but a processor in long mode must have one (Intel SDM volume 3, 26.3.1.2).
    public static var bootTask: BootSegment {
        BootSegment(selector: 0x20, base: 0, limit: 0x67, type: 0xB, s: 0)
    }

    /// None.
    public static var noLocalTable: BootSegment {
        BootSegment(selector: 0, base: 0, limit: 0, type: 0x2, s: 0, present: 0)
    }
}

extension BootRegisters {
    /// At the entry of `kernel`.
    public static func longMode(_ kernel: LoadedKernel) -> BootRegisters {
        BootRegisters(
            rip: kernel.entry.rawValue, rsp: Layout.bootStackTop.rawValue, rsi: Layout.zeroPage.rawValue,
            rflags: 0x2)
    }
}

extension BootSpecialRegisters {
    /// With the tables that `GlobalDescriptorTable` and `PageTables` wrote.
    public static var longMode: BootSpecialRegisters {
        BootSpecialRegisters(
            cs: .bootCode, ds: .bootData, es: .bootData, fs: .bootData, gs: .bootData, ss: .bootData,
            tr: .bootTask, ldt: .noLocalTable,
            gdt: BootDescriptorTable(base: Layout.bootGDT.rawValue, limit: GlobalDescriptorTable.limit),
            idt: BootDescriptorTable(base: 0, limit: 0),
            cr0: 0x8000_0031,  // PG, NE, ET, PE
            cr3: Layout.pageTables.rawValue,
            cr4: 0x20,  // PAE
            efer: 0x500)  // LMA, LME
    }
}

/// The GDT that the long-mode segments come from. The boot protocol asks for one; Linux loads its own within a few
/// instructions, and until then a far return or a segment load finds in it what the hidden parts hold.
public enum GlobalDescriptorTable {
    private static var entries: [UInt64] {
        // Selectors 0x00, 0x08, 0x10, 0x18, and 0x20, which takes two.
        [0, 0, BootSegment.bootCode.descriptor, BootSegment.bootData.descriptor, BootSegment.bootTask.descriptor, 0]
    }

    /// The last byte's offset, for GDTR.
    public static var limit: UInt16 { 6 * 8 - 1 }

    /// Writes the table at `Layout.bootGDT`.
    public static func write(to memory: GuestMemory) throws(GuestMemoryError) {
        for (index, entry) in entries.enumerated() {
            try memory.write(entry, at: GuestAddress(Layout.bootGDT.rawValue + UInt64(index) * 8))
        }
    }
}
