// The state in which an x86 processor leaves reset: real mode, sixteen bytes before 4 GiB
// (Intel SDM volume 3, table 10-1).

extension BootSegment {
    private static func reset(type: UInt8, s: UInt8) -> BootSegment {
        BootSegment(selector: 0, base: 0, limit: 0xFFFF, type: type, s: s)
    }

    fileprivate static var resetData: BootSegment { reset(type: 0x3, s: 1) }
    fileprivate static var resetTask: BootSegment { reset(type: 0xB, s: 0) }
    fileprivate static var resetLocalTable: BootSegment { reset(type: 0x2, s: 0) }

    /// The base does not follow from the selector until the first far jump.
    fileprivate static var resetCode: BootSegment {
        BootSegment(selector: 0xF000, base: 0xFFFF_0000, limit: 0xFFFF, type: 0xB, s: 1)
    }
}

extension BootRegisters {
    /// At the reset vector.
    public static var reset: BootRegisters { BootRegisters(rip: 0xFFF0, rsp: 0, rsi: 0, rflags: 0x2) }
}

extension BootSpecialRegisters {
    /// At the reset vector.
    public static var reset: BootSpecialRegisters {
        BootSpecialRegisters(
            cs: .resetCode, ds: .resetData, es: .resetData, fs: .resetData, gs: .resetData, ss: .resetData,
            tr: .resetTask, ldt: .resetLocalTable,
            gdt: BootDescriptorTable(base: 0, limit: 0xFFFF), idt: BootDescriptorTable(base: 0, limit: 0xFFFF),
            cr0: 0x6000_0010,  // CD, NW, ET
            cr3: 0, cr4: 0, efer: 0)
    }
}
