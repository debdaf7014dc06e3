// The checks that need no device: memory, processor, ports, interrupt controllers.
import Hardware

func checkMemory() throws(Failure) {
    let pattern = { (address: UInt64) -> UInt64 in address &* 0x9E37_79B9_7F4A_7C15 }
    // All are written before any is read, so that two addresses with the same memory behind them do not pass.
    var address = Memory.start
    while address < Memory.end {
        store64(address, pattern(address))
        address += Memory.step
    }
    address = Memory.start
    while address < Memory.end {
        guard load64(address) == pattern(address) else { throw Failure("wrong contents at", address) }
        address += Memory.step
    }
}

/// The memory that is tried: from 2 to 4 MiB, one 64-bit word in every 128 KiB.
private enum Memory {
    static let start: UInt64 = 0x20_0FF8
    static let end: UInt64 = 0x40_0000
    static let step: UInt64 = 0x2_0000
}

/// The leaf that hypervisors name themselves in.
func checkHypervisorLeaf() throws(Failure) {
    let leaf = cpuid(0x4000_0000)
    guard leaf.eax >= 0x4000_0000 else { throw Failure("CPUID 0x40000000 has EAX", leaf.eax) }
    guard leaf.ebx != 0 else { throw Failure("CPUID 0x40000000 has EBX", leaf.ebx) }
}

/// Nothing answers at this port, so the bus floats high at every width.
func checkUnusedPort() throws(Failure) {
    let unused: UInt16 = 0x0B00
    try expect(port_read8(unused), is: 0xFF, "8-bit read gave")
    try expect(port_read16(unused), is: 0xFFFF, "16-bit read gave")
    try expect(port_read32(unused), is: 0xFFFF_FFFF, "32-bit read gave")
}

/// Version 0x10–0x1F is an integrated APIC; the timer is among its at least four local vectors.
func checkLocalAPIC() throws(Failure) {
    let version = LocalAPIC.version
    guard version & 0xF0 == 0x10, version >> 16 & 0xFF >= 3 else { throw Failure("version register", version) }
}

/// The one wait without a limit, since the limit of all others is this timer.
func checkTimerInterrupt() throws(Failure) {
    let before = LocalAPIC.timerInterrupts
    LocalAPIC.startTimer(count: 1000)
    while LocalAPIC.timerInterrupts == before { wait_for_interrupt() }
    LocalAPIC.stopTimer()
    try expect(LocalAPIC.timerInterrupts &- before, is: 1, "interrupts of a single countdown")
}
