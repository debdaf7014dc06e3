// What /dev/kvm is on this host, found by running a guest on it.
//
// The ioctl interface of a software backend is complete; what tells it apart is the processor it shows. There SYSCALL
// does not enter kernel mode, so no Linux userland runs; and kernel-mode code is interpreted, about a microsecond an
// instruction. Module names and CPU flags say neither.

internal import CShims
internal import GuestMemory
internal import Host
internal import KVM

/// What the probe found.
public enum HostProbe {
    /// /dev/kvm is not there (no module, or a container that does not show it).
    case absent
    /// It is there and may not be opened; `group` is the numeric id of the group that owns it.
    case forbidden(group: Int)
    /// Its API version is not the one this monitor speaks.
    case tooOld
    /// It opens, but the probe guest did not run to its end.
    case broken(String)
    /// The probe guest ran.
    case measured(Reading)

    /// What the probe guest showed.
    public struct Reading {
        /// The privilege level at which SYSCALL arrived: 0 on a real processor.
        public var syscallLevel: UInt32
        /// The shortest distance of two exits in nanoseconds.
        public var exitNanoseconds: UInt64
        /// A kernel-mode instruction, in hundredths of a nanosecond.
        public var instructionHundredths: UInt64

        /// Whether an unmodified 64-bit Linux can run.
        public var canRunLinux: Bool { syscallLevel == 0 && instructionHundredths < 50_00 }
    }

    /// Probes /dev/kvm; takes a few milliseconds.
    public static func run() -> HostProbe {
        do throws(KVMError) {
            return try measure(System())
        } catch {
            switch error.errno {
            case .noSuchFile, .noSuchDevice: return .absent
            case .permissionDenied, .notPermitted:
                // SAFETY: the C string lives for the call.
                return .forbidden(group: unsafe "/dev/kvm".withCString { unsafe apus_group_of($0) })
            case .notSupported: return .tooOld
            default: return .broken(error.message)
            }
        }
    }

    private static func measure(_ system: System) throws(KVMError) -> HostProbe {
        let memory: GuestMemory
        do throws(GuestMemoryError) {
            memory = try GuestMemory([(GuestAddress(0), ProbeGuest.memorySize)])
            try memory.writeBytes(ProbeGuest.code, at: GuestAddress(ProbeGuest.loadAddress))
            // One 2 MiB page, open to user mode, behind three levels.
            try memory.write(ProbeGuest.pageTables + 0x1000 | 7, at: GuestAddress(ProbeGuest.pageTables))
            try memory.write(ProbeGuest.pageTables + 0x2000 | 7, at: GuestAddress(ProbeGuest.pageTables + 0x1000))
            try memory.write(UInt64(0x87), at: GuestAddress(ProbeGuest.pageTables + 0x2000))
        } catch { return .broken("no memory for the probe guest") }

        let machine = try system.createVirtualMachine()
        try machine.map(memory)
        let vcpu = try machine.createVCPU(id: 0)
        try vcpu.setCPUID(try system.supportedCPUID())
        try setLongMode(vcpu)
        return try readSignals(of: vcpu)
    }

    /// Long mode at CPL 0, as the head of `firmware/probe.S` asks for.
    private static func setLongMode(_ vcpu: VCPU) throws(KVMError) {
        var special = try vcpu.specialRegisters()
        special.cr3 = ProbeGuest.pageTables
        special.cr0 = 0x8000_0031  // PG NE ET PE
        special.cr4 = 0x20  // PAE
        special.efer = 0x501  // LMA LME SCE
        special.idt.limit = 0
        var segment = kvm_segment()
        segment.limit = 0xFFFF_FFFF
        segment.present = 1
        segment.s = 1
        segment.g = 1
        segment.selector = 0x10
        segment.type = 3
        segment.db = 1
        special.ds = segment
        special.es = segment
        special.fs = segment
        special.gs = segment
        special.ss = segment
        segment.selector = 0x08
        segment.type = 11
        segment.db = 0
        segment.l = 1
        special.cs = segment
        try vcpu.setSpecialRegisters(special)

        var registers = kvm_regs()
        registers.rip = ProbeGuest.loadAddress
        registers.rsp = ProbeGuest.stackTop
        registers.rflags = 2
        try vcpu.setRegisters(registers)
    }

    private static func readSignals(of vcpu: VCPU) throws(KVMError) -> HostProbe {
        var shortestExit = UInt64.max
        var shortestLoop = UInt64.max
        var last = MonotonicClock.now
        while true {
            let exit = try vcpu.run()
            let now = MonotonicClock.now
            if exit == .interrupted { continue }
            guard case .portWrite = exit else { return .broken("the probe guest ended in " + exit.name) }
            let signal = vcpu.portValue()
            switch signal {
            case ProbeGuest.roundBegins: break
            case ProbeGuest.loopBegins: shortestExit = min(shortestExit, now - last)
            case ProbeGuest.loopEnded: shortestLoop = min(shortestLoop, now - last)
            case let arrival where arrival & ~3 == ProbeGuest.arrived:
                let loop = shortestLoop > shortestExit ? shortestLoop - shortestExit : 0
                return .measured(
                    Reading(
                        syscallLevel: arrival & 3, exitNanoseconds: shortestExit,
                        instructionHundredths: loop * 100 / ProbeGuest.loopInstructions))
            default: return .broken("the probe guest wrote a byte that it does not know")
            }
            last = now
        }
    }
}
