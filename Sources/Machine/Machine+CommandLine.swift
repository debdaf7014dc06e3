// The kernel command line: Apus's defaults, the devices, the user's part.

internal import Boot

extension Machine {
    /// The whole command line. What comes later wins in Linux, so the user's part has the last word.
    var kernelCommandLine: KernelCommandLine {
        var line = KernelCommandLine()
        if configuration.hasDefaultCommandLine {
            // Kernels that look for no serial port by default, like `tiny`, are told that there is one.
            line.append(configuration.console == .virtio ? "console=hvc0" : "console=ttyS0 8250.nr_uarts=1")
            // A panicked guest resets at once, and says that it panicked by the BIOS's warm-boot word: see Machine+Platform.swift.
            line.append("panic=-1 reboot=k,panic_warm")
            if let disk = configuration.disks.first, configuration.initrd == nil {
                line.append(disk.isReadOnly ? "root=/dev/vda ro" : "root=/dev/vda rw")
            }
        }
        for index in 0..<virtioDeviceCount { _ = line.appendVirtioDevice(index) }
        line.append(configuration.commandLine)
        return line
    }
}
