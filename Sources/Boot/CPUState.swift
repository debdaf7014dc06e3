// What a vCPU's registers hold before its first instruction, as plain values: Machine hands them to KVM.

/// A segment register with its hidden part, as `struct kvm_segment` (asm/kvm.h) has it.
public struct BootSegment: Equatable, Sendable {
    public var selector: UInt16
    public var base: UInt64
    /// In bytes, whatever the granularity.
    public var limit: UInt32
    public var type: UInt8
    /// 1 for code and data, 0 for system segments.
    public var s: UInt8
    public var dpl: UInt8 = 0
    public var present: UInt8 = 1
    public var avl: UInt8 = 0
    /// 1 for 64-bit code.
    public var l: UInt8 = 0
    /// 1 for 32-bit code or stack.
    public var db: UInt8 = 0
    /// 1 where the descriptor counts the limit in pages.
    public var g: UInt8 = 0

    /// The 8 bytes that a GDT has for this segment (Intel SDM volume 3, 3.4.5); of a 64-bit system segment the lower
    /// half of 16.
    public var descriptor: UInt64 {
        let limit = UInt64(g == 1 ? self.limit >> 12 : self.limit)
        let access = UInt64(type) | UInt64(s) << 4 | UInt64(dpl) << 5 | UInt64(present) << 7
        let flags = UInt64(avl) | UInt64(l) << 1 | UInt64(db) << 2 | UInt64(g) << 3
        return limit & 0xFFFF | (base & 0xFF_FFFF) << 16 | access << 40 | (limit >> 16 & 0xF) << 48
            | flags << 52 | (base >> 24 & 0xFF) << 56
    }
}

/// GDTR or IDTR.
public struct BootDescriptorTable: Equatable, Sendable {
    public var base: UInt64
    public var limit: UInt16
}

/// What differs from 0 in the general registers.
public struct BootRegisters: Equatable, Sendable {
    public var rip: UInt64
    public var rsp: UInt64
    public var rsi: UInt64
    public var rflags: UInt64
}

/// Segments, descriptor tables and control registers.
public struct BootSpecialRegisters: Equatable, Sendable {
    public var cs: BootSegment
    public var ds: BootSegment
    public var es: BootSegment
    public var fs: BootSegment
    public var gs: BootSegment
    public var ss: BootSegment
    public var tr: BootSegment
    public var ldt: BootSegment
    public var gdt: BootDescriptorTable
    public var idt: BootDescriptorTable
    public var cr0: UInt64
    public var cr3: UInt64
    public var cr4: UInt64
    public var efer: UInt64
}
