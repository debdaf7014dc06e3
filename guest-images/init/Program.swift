// Starting the one program that the guest is there for: a given one, or a shell.

import CInit

/// Starts what the command line asks for, in a session of its own with the console as its terminal.
/// - Returns: its process number, or -1 after a message where no process could be made.
func startProgram(_ commandLine: KernelCommandLine) -> pid_t {
    let child = fork()
    if child < 0 {
        complain("fork", cinit_errno())
    }
    if child == 0 {
        becomeSessionOnConsole()
        unblockSignals()
        setEnvironment()
        execute(commandLine)
    }
    return child
}

/// Replaces the calling process by the program; comes back from nothing.
private func execute(_ commandLine: KernelCommandLine) -> Never {
    let arguments = UnsafeMutableBufferPointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: 1024)
    arguments.initialize(repeating: nil)
    var file = cString("/bin/sh")
    if let run = commandLine.value(after: "apus.run="), run.pointee != 0 {
        let count = split(run, at: ",", into: arguments)
        for index in 0..<count {
            decodePercents(arguments[index]!)
        }
        if let program = arguments[0] {
            file = UnsafePointer(program)
        }
    } else if commandLine.has("apus.script") {
        // A file to read makes the shell non-interactive; with -s it would prompt, its input being a terminal.
        arguments[0] = strdup(cString("sh"))
        arguments[1] = strdup(cString("/proc/self/fd/0"))
    } else {
        arguments[0] = strdup(cString("-sh"))
    }
    execvp(file, arguments.baseAddress!)
    complain(file, cinit_errno())
    // What shells answer for a command that is not found.
    _exit(127)
}

/// Gives the calling process a session whose controlling terminal is the console's real device, which,
/// unlike /dev/console, has job control.
private func becomeSessionOnConsole() {
    setsid()
    _ = chdir(cString("/root"))
    let terminal = openConsoleDevice()
    guard terminal >= 0 else { return }
    _ = cinit_set_controlling_terminal(terminal)
    for descriptor in STDIN_FILENO...STDERR_FILENO {
        dup2(terminal, descriptor)
    }
    if terminal > STDERR_FILENO {
        close(terminal)
    }
}

/// Opens the device behind /dev/console: the last that /sys/class/tty/console/active names.
private func openConsoleDevice() -> CInt {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { text in
        withUnsafeTemporaryAllocation(of: UnsafeMutablePointer<CChar>?.self, capacity: 16) { names in
            _ = readFile("/sys/class/tty/console/active", into: text)
            let count = split(text.baseAddress!, at: " \n", into: names)
            guard count > 0, chdir(cString("/dev")) == 0 else { return cinit_open(cString("/dev/console"), O_RDWR) }
            defer { _ = chdir(cString("/root")) }
            return cinit_open(names[count - 1]!, O_RDWR)
        }
    }
}

/// Adds to what the kernel passed on (TERM, and every NAME=VALUE of its command line that it did not know).
private func setEnvironment() {
    setenv(cString("HOME"), cString("/root"), 1)
    setenv(cString("USER"), cString("root"), 1)
    setenv(cString("LOGNAME"), cString("root"), 1)
    setenv(cString("SHELL"), cString("/bin/sh"), 1)
    setenv(cString("PATH"), cString("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"), 0)
    setenv(cString("TERM"), cString("linux"), 0)
}
