// `apus boot` for people: help, completion, and words for what is wrong. The checks are `BootOptions`'s.

import ArgumentParser

struct Boot: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "boot",
        abstract: "Boot a Linux kernel, or firmware, in a new virtual machine.",
        usage: """
            apus boot --kernel FILE [OPTIONS]
            apus boot --firmware FILE [OPTIONS]
            """,
        discussion: """
            The guest's console is on stdin and stdout. Ctrl-A x quits, Ctrl-A h tells what else there is. \
            Of an option given twice the last counts, except --disk.

            Exit status: 0 after the guest powered off or asked for a reboot, 3 after a kernel panic or triple \
            fault, 124 on --timeout, 128+N after signal N, 2 for wrong usage, 1 for any other failure.

            Environment: APUS_VMM is the file of the monitor, apus-vmm, where it is not beside apus. \
            APUS_CLOCK_ZERO is the zero of the report's timeline, CLOCK_MONOTONIC in nanoseconds, which a \
            harness sets just before exec; without it the timeline starts in apus.
            """)

    @Option(help: ArgumentHelp("Linux kernel to boot: vmlinux or bzImage, x86-64.", valueName: "file"))
    var kernel: String?

    @Option(
        help: ArgumentHelp("Flat image to start at the reset vector, instead of a kernel.", valueName: "file"))
    var firmware: String?

    @Option(help: ArgumentHelp("Initial RAM file system for the kernel.", valueName: "file"))
    var initrd: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Added to Apus's own kernel command line.", valueName: "string"))
    var cmdline: String?

    @Flag(name: .customLong("no-default-cmdline"), help: "Give the kernel nothing but --cmdline.")
    var noDefaultCmdline = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Guest memory, in bytes or with K, M or G. (default: 256M)", valueName: "size"))
    var memory: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Number of vCPUs, 1 to 32. (default: 1)", valueName: "number"))
    var cpus: String?

    @Option(
        name: .customLong("disk"),
        help: ArgumentHelp(
            "Disk image; may be given again. The first is vda, the next vdb, and so on.",
            valueName: "file[,readonly]"))
    var disks: [String] = []

    @Option(
        help: ArgumentHelp("The guest's console device: virtio or serial. (default: virtio)", valueName: "device"))
    var console: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Give up after so many seconds, such as 30 or 0.5.", valueName: "seconds"))
    var timeout: String?

    @Option(help: ArgumentHelp("Write what happened and when, as JSON.", valueName: "file"))
    var report: String?

    @Flag(name: .shortAndLong, help: "Say on stderr what is done, such as the final kernel command line.")
    var verbose = false

    mutating func validate() throws {
        _ = try options()
    }

    mutating func run() throws {
        try options().boot()
    }

    /// The same value that the thin path fills.
    func options() throws(UsageError) -> BootOptions {
        var arguments = BootArguments()
        arguments.kernel = kernel.map { ByteString($0) }
        arguments.firmware = firmware.map { ByteString($0) }
        arguments.initrd = initrd.map { ByteString($0) }
        arguments.cmdline = cmdline.map { ByteString($0) }
        arguments.noDefaultCmdline = noDefaultCmdline
        arguments.memory = memory.map { ByteString($0) }
        arguments.cpus = cpus.map { ByteString($0) }
        arguments.disks = disks.map { ByteString($0) }
        arguments.console = console.map { ByteString($0) }
        arguments.timeout = timeout.map { ByteString($0) }
        arguments.report = report.map { ByteString($0) }
        arguments.verbose = verbose
        return try BootOptions(arguments)
    }
}
