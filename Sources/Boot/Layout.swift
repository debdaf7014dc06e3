// Every guest physical address that Apus chooses, in one place.
//
//     0x0000_0000  interrupt vectors and BIOS data area (the warm-boot word at 0x472)
//     0x0000_0500  boot GDT
//     0x0000_7000  zero page (boot_params)
//     0x0000_8000  boot stack, one page, growing down from 0x9000
//     0x0000_9000  boot page tables: PML4, PDPT, up to four page directories
//     0x0002_0000  kernel command line, at most 64 KiB
//     0x0009_FC00  MP floating pointer and MP table, 1 KiB, reserved in the e820 map
//     0x000A_0000  where a PC has video memory and ROMs: RAM here, told to no kernel
//     0x0010_0000  kernel (where its file says) ............... initrd (at the top)
//     0xC000_0000  end of low RAM; the hole begins
//     0xD000_0000  virtio-mmio windows, 4 KiB each
//     0xFEC0_0000  I/O APIC
//     0xFEE0_0000  local APICs
//     0xFFFB_C000  KVM's identity map page, then its three TSS pages
//     0xFFFC_0000  firmware ROM, ending at 4 GiB
//   0x1_0000_0000  high RAM: what did not fit below the hole

public import GuestMemory

/// The guest's physical address space.
public enum Layout {
    // MARK: Base memory

    /// The BIOS warm-boot word: Linux with `reboot=…,warm` writes 0x1234 here before it resets
    /// (native_machine_emergency_restart, arch/x86/kernel/reboot.c).
    public static var warmBootWord: GuestAddress { GuestAddress(0x472) }
    /// The GDT of a long-mode entry; the BIOS data area ends just below.
    public static var bootGDT: GuestAddress { GuestAddress(0x500) }
    /// `struct boot_params` (arch/x86/include/uapi/asm/bootparam.h), one page.
    public static var zeroPage: GuestAddress { GuestAddress(0x7000) }
    /// RSP at a long-mode entry. The page below is the stack's.
    public static var bootStackTop: GuestAddress { GuestAddress(0x9000) }
    public static var bootStackSize: UInt64 { 0x1000 }
    /// PML4, PDPT and page directories, a page each.
    public static var pageTables: GuestAddress { GuestAddress(0x9000) }
    /// The PML4, the PDPT and four page directories.
    public static var pageTablesSize: UInt64 { 0x6000 }
    public static var commandLine: GuestAddress { GuestAddress(0x20000) }
    /// Bytes for the command line with its NUL.
    public static var commandLineSize: UInt64 { 0x10000 }
    /// Linux looks for the MP floating pointer in the last KiB of 640 KiB (mpparse_find_mptable,
    /// arch/x86/kernel/mpparse.c); table and pointer fit there together.
    public static var mpTable: GuestAddress { GuestAddress(0x9FC00) }
    public static var mpTableSize: UInt64 { 0x400 }

    // MARK: RAM

    /// The lowest address of a kernel or an initrd.
    public static var highMemory: GuestAddress { GuestAddress(0x10_0000) }
    /// Low RAM ends here at the latest.
    public static var holeStart: UInt64 { 0xC000_0000 }
    /// High RAM begins here.
    public static var holeEnd: UInt64 { 0x1_0000_0000 }

    /// The RAM of a machine with `memory` bytes, rounded down to whole pages: one range, or two around the hole.
    /// Empty where `memory` is less than a page.
    public static func ramRanges(memory: UInt64) -> [(start: GuestAddress, count: UInt64)] {
        let memory = memory & ~4095
        if memory == 0 { return [] }
        if memory <= holeStart { return [(GuestAddress(0), memory)] }
        return [(GuestAddress(0), holeStart), (GuestAddress(holeEnd), memory - holeStart)]
    }

    // MARK: Devices

    /// The window of virtio-mmio device 0.
    public static var virtioBase: GuestAddress { GuestAddress(0xD000_0000) }
    /// Size of each window and distance to the next, in bytes.
    public static var virtioStride: UInt64 { 0x1000 }
    /// As many as there are GSIs for.
    public static var maximumVirtioDevices: Int { 17 }

    /// The window of device `index`, or nil where there are not that many.
    public static func virtioWindow(_ index: Int) -> GuestAddress? {
        guard index >= 0, index < maximumVirtioDevices else { return nil }
        return GuestAddress(virtioBase.rawValue + UInt64(index) * virtioStride)
    }

    /// The interrupt line of device `index`: what the PC's own devices (timer, keyboard, cascade, serial ports, clock,
    /// coprocessor) leave free of the I/O APIC's 24 inputs. Nil where there are not that many.
    public static func virtioGSI(_ index: Int) -> UInt32? {
        switch index {
        case 0...2: return 5 + UInt32(index)
        case 3...6: return 9 + UInt32(index - 3)
        case 7...8: return 14 + UInt32(index - 7)
        case 9...16: return 16 + UInt32(index - 9)
        default: return nil
        }
    }

    public static var ioAPIC: GuestAddress { GuestAddress(0xFEC0_0000) }
    /// Inputs of KVM's I/O APIC (KVM_IOAPIC_NUM_PINS, asm/kvm.h).
    public static var ioAPICInputs: UInt8 { 24 }
    public static var localAPIC: GuestAddress { GuestAddress(0xFEE0_0000) }

    // MARK: The top of the hole

    /// For KVM_SET_IDENTITY_MAP_ADDR: one page that Intel hosts without unrestricted guests need.
    public static var identityMapPage: GuestAddress { GuestAddress(0xFFFB_C000) }
    /// For KVM_SET_TSS_ADDR: three pages.
    public static var taskStateSegments: GuestAddress { GuestAddress(0xFFFB_D000) }
    public static var taskStateSegmentsSize: UInt64 { 0x3000 }
    /// The largest firmware ROM, in bytes.
    public static var maximumFirmwareSize: UInt64 { 0x4_0000 }

    /// Where a ROM of `count` bytes begins, so that its last byte is at 4 GiB - 1, sixteen bytes before which an x86
    /// processor starts. `count` is at most `maximumFirmwareSize`.
    public static func firmwareStart(count: UInt64) -> GuestAddress { GuestAddress(holeEnd - count) }
}

extension GuestMemory {
    /// First byte past the RAM that begins at 0, at most 3 GiB; 0 where there is none. All that Apus lays into memory
    /// for a kernel goes below, so that its addresses have 32 bits.
    public var lowEnd: UInt64 {
        guard let first = regions.first, first.start.rawValue == 0 else { return 0 }
        return min(first.end, Layout.holeStart)
    }
}
