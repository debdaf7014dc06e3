// The processor's local interrupt controller and its timer, which also bounds every wait.
import Hardware

/// The local APIC in xAPIC mode (Intel SDM volume 3, section 12.4).
enum LocalAPIC {
    private static let base: UInt64 = 0xFEE0_0000

    private enum Register: UInt64 {
        case id = 0x20
        case version = 0x30
        case taskPriority = 0x80
        case spuriousVector = 0xF0
        case timerVector = 0x320
        case externalInterrupt0 = 0x350
        case timerInitialCount = 0x380
        case timerCurrentCount = 0x390
        case timerDivide = 0x3E0
    }

    private static let masked: UInt32 = 1 << 16

    static var version: UInt32 { read(.version) }

    static var id: UInt8 { UInt8(truncatingIfNeeded: read(.id) >> 24) }

    /// Software-enables the APIC. The 8259's line into it is masked: nobody programmed that controller.
    static func enable() {
        write(.externalInterrupt0, masked)
        write(.taskPriority, 0)
        write(.spuriousVector, 0x100 | UInt32(InterruptTable.Vector.spurious))
    }

    /// Starts a single countdown at the timer's own rate (1 GHz in KVM); it ends with the timer's interrupt.
    static func startTimer(count: UInt32) {
        let divideByOne: UInt32 = 0b1011
        write(.timerDivide, divideByOne)
        write(.timerVector, UInt32(InterruptTable.Vector.timer))
        write(.timerInitialCount, count)
    }

    static func stopTimer() {
        write(.timerVector, masked)
        write(.timerInitialCount, 0)
    }

    static var timerHasEnded: Bool { read(.timerCurrentCount) == 0 }

    /// Timer interrupts since the start.
    static var timerInterrupts: UInt32 { load32(address_of_timer_interrupt_count()) }

    private static func read(_ register: Register) -> UInt32 { load32(base + register.rawValue) }

    private static func write(_ register: Register, _ value: UInt32) { store32(base + register.rawValue, value) }
}
