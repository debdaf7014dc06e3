// The end: processes first, then the disk, then the machine.

import CInit

/// Ends all processes, puts the root file system in order and gives reboot(2) its `command`.
func shutDown(_ command: CInt, _ monitor: MonitorPort) -> Never {
    endProcesses()
    // Of a slow console, up to a page of output is still in the kernel.
    tcdrain(STDERR_FILENO)
    sync()
    // A clean file system needs no recovery at the next boot. tmpfs as the root (an initramfs) refuses, rightly.
    _ = mount(nil, cString("/"), nil, cinit_mount_remount | cinit_mount_readonly, nil)
    if command == cinit_power_off {
        monitor.signal(.powerOff)
    }
    // For a power-off reached only where nobody answers at the port: the kernel stops the processor.
    reboot(command)
    while true {
        pause()
    }
}

/// Asks every process to end, and after a second of patience makes the rest of them.
private func endProcesses() {
    guard !allEnded(within: 0) else { return }
    kill(-1, SIGTERM)
    kill(-1, SIGCONT)
    guard !allEnded(within: 1_000) else { return }
    kill(-1, SIGKILL)
    _ = allEnded(within: 1_000)
}

/// Buries children until none is left. Orphans become init's children, so then no process is left at all.
private func allEnded(within milliseconds: Int) -> Bool {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGCHLD)
    var start = timespec()
    clock_gettime(CLOCK_MONOTONIC, &start)
    while true {
        while waitpid(-1, nil, WNOHANG) > 0 {}
        if cinit_errno() == ECHILD {
            return true
        }
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        let left = milliseconds - (now.tv_sec - start.tv_sec) * 1_000 - (now.tv_nsec - start.tv_nsec) / 1_000_000
        if left <= 0 {
            return false
        }
        var patience = timespec(tv_sec: left / 1_000, tv_nsec: left % 1_000 * 1_000_000)
        sigtimedwait(&signals, nil, &patience)
    }
}
