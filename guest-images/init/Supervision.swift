// What init does while its program runs: buries dead processes, and waits for a reason to stop.
//
// Signals are blocked and fetched one at a time, so nothing runs in a handler and none is missed.
// Their meaning is that of busybox's init, whose reboot, halt and poweroff applets send them.

import CInit

func blockSupervisedSignals() {
    var signals = supervisedSignals()
    sigprocmask(SIG_BLOCK, &signals, nil)
}

/// What a child does before it becomes another program, which would inherit the blocked signals.
func unblockSignals() {
    var signals = supervisedSignals()
    sigprocmask(SIG_UNBLOCK, &signals, nil)
}

/// Waits until `program` has ended or a signal asks init to stop.
/// - Parameter announcing: whether a status other than 0 is worth a message; a shell's own last one is not.
/// - Returns: the command of reboot(2) that is to follow.
func supervise(_ program: pid_t, announcing: Bool) -> CInt {
    guard program > 0 else { return cinit_power_off }
    var signals = supervisedSignals()
    while true {
        switch sigwaitinfo(&signals, nil) {
        case SIGCHLD:
            guard let status = buryChildren(watching: program) else { continue }
            if announcing {
                report(status)
            }
            return cinit_power_off
        case SIGTERM:
            return cinit_reboot
        case SIGUSR1, SIGUSR2:
            return cinit_power_off
        default:
            continue
        }
    }
}

/// Buries every child that has ended.
/// - Returns: the status of `program`, as a shell gives it, if it was one of them.
private func buryChildren(watching program: pid_t) -> CInt? {
    var found: CInt?
    var status: CInt = 0
    while true {
        let child = waitpid(-1, &status, WNOHANG)
        if child <= 0 {
            return found
        }
        if child == program {
            found = cinit_shell_status(status)
        }
    }
}

private func report(_ status: CInt) {
    guard status != 0 else { return }
    put(cString("init: the program ended with status "))
    put(status)
    put(cString("\n"))
}

private func supervisedSignals() -> sigset_t {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGCHLD)
    sigaddset(&signals, SIGTERM)
    sigaddset(&signals, SIGUSR1)
    sigaddset(&signals, SIGUSR2)
    return signals
}
