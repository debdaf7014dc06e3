// The machine description: the one form in which the monitor takes a machine, as its arguments.

extension BootOptions {
    /// The monitor's arguments after its name. Every option is spelled out in one way, defaults included,
    /// so the monitor needs no policy of its own.
    ///
    /// - Parameter clockZero: CLOCK_MONOTONIC in nanoseconds at which the whole command was started.
    func description(clockZero: UInt64) -> [ByteString] {
        var arguments: [ByteString] = []
        func add(_ name: ByteString, _ value: ByteString?) {
            guard let value else { return }
            arguments.append(name)
            arguments.append(value)
        }
        func add(flag name: ByteString, _ isSet: Bool) {
            if isSet { arguments.append(name) }
        }

        switch program {
        case .kernel(let file): add("--kernel", file)
        case .firmware(let file): add("--firmware", file)
        }
        add("--initrd", initrd)
        add("--cmdline", cmdline)
        add(flag: "--no-default-cmdline", replacesDefaultCmdline)
        add("--memory", ByteString(decimal: memory))
        add("--cpus", ByteString(decimal: UInt64(cpus)))
        for disk in disks { add(disk.isReadOnly ? "--disk-readonly" : "--disk", disk.file) }
        add("--console", ByteString(console.rawValue))
        add("--timeout-ms", timeout.map(ByteString.init(decimal:)))
        add("--report", report)
        add("--clock-zero", ByteString(decimal: clockZero))
        add(flag: "--verbose", isVerbose)
        return arguments
    }
}
