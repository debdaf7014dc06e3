// Waits that always end: what never comes becomes a failed check, not a guest that hangs.
import Hardware

/// The longest wait, in ticks of the local APIC's timer: 4.3 s at KVM's 1 GHz.
private let longestWait = UInt32.max

/// Polls until `condition` holds, with interrupts off.
func waitPolling(until condition: () -> Bool) throws(Failure) {
    LocalAPIC.startTimer(count: longestWait)
    defer { LocalAPIC.stopTimer() }
    while !condition() {
        if LocalAPIC.timerHasEnded { throw Failure("not used within timer ticks", longestWait) }
    }
}

/// Sleeps until `condition` holds; an interrupt has to wake the processor.
func waitSleeping(until condition: () -> Bool) throws(Failure) {
    let timerInterruptsBefore = LocalAPIC.timerInterrupts
    LocalAPIC.startTimer(count: longestWait)
    defer { LocalAPIC.stopTimer() }
    while !condition() {
        if LocalAPIC.timerInterrupts != timerInterruptsBefore {
            throw Failure("no interrupt within timer ticks", longestWait)
        }
        wait_for_interrupt()
    }
}
