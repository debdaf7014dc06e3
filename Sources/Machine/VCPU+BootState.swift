// A boot state in the structures that KVM takes.

internal import Boot
internal import CShims
internal import KVM

extension VCPU {
    /// Puts the processor where `registers` and `special` say, everything else as KVM made it.
    func setBootState(_ registers: BootRegisters, _ special: BootSpecialRegisters) throws(KVMError) {
        var target = try specialRegisters()
        target.cs = kvm_segment(special.cs)
        target.ds = kvm_segment(special.ds)
        target.es = kvm_segment(special.es)
        target.fs = kvm_segment(special.fs)
        target.gs = kvm_segment(special.gs)
        target.ss = kvm_segment(special.ss)
        target.tr = kvm_segment(special.tr)
        target.ldt = kvm_segment(special.ldt)
        target.gdt.base = special.gdt.base
        target.gdt.limit = special.gdt.limit
        target.idt.base = special.idt.base
        target.idt.limit = special.idt.limit
        target.cr0 = special.cr0
        target.cr3 = special.cr3
        target.cr4 = special.cr4
        target.efer = special.efer
        try setSpecialRegisters(target)

        var general = kvm_regs()
        general.rip = registers.rip
        general.rsp = registers.rsp
        general.rsi = registers.rsi
        general.rflags = registers.rflags
        try setRegisters(general)
    }
}

extension kvm_segment {
    fileprivate init(_ segment: BootSegment) {
        self.init()
        selector = segment.selector
        base = segment.base
        limit = segment.limit
        type = segment.type
        s = segment.s
        dpl = segment.dpl
        present = segment.present
        avl = segment.avl
        l = segment.l
        db = segment.db
        g = segment.g
    }
}
