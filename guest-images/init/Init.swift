// PID 1 of Apus's guest images: mounts what programs expect, tells the monitor that the guest is
// ready, runs one program on the console, and powers off when it ends.
//
//     kernel ─▶ mounts ─▶ host name ─▶ guest_ready ─▶ program or shell ─▶ power-off
//
// Everything before `guest_ready` is on the record of the boot time, so it makes few system calls
// and allocates nothing.

import CInit

@main
struct Init {
    static func main() {
        refuseUnlessFirstProcess()
        mountFileSystems()
        let commandLine = KernelCommandLine.read()
        remountRootAsAsked(commandLine)
        setHostName()

        // Before guest_ready, because that may be what the sender of the commands waits for.
        if commandLine.has("apus.script") {
            turnOffEcho()
        }
        let monitor = MonitorPort.open()
        monitor.signal(.guestReady)
        if commandLine.has("apus.exit_at_ready") {
            shutDown(cinit_power_off, monitor)
        }

        linkDescriptors()
        blockSupervisedSignals()
        let program = startProgram(commandLine)
        let command = supervise(program, announcing: commandLine.value(after: "apus.run=") != nil)
        shutDown(command, monitor)
    }
}

/// Started by hand on a running system, init would mount over that system's folders and end its processes.
private func refuseUnlessFirstProcess() {
    guard getpid() != 1 else { return }
    put(cString("init: not process 1: the kernel of an Apus guest starts this program, nobody else should\n"))
    _exit(2)
}
