// A machine to boot, as the user asked for it, checked as far as the text alone allows. Files are not
// opened here: the monitor does, and tells what is wrong with them.

/// The options of `apus boot`.
struct BootOptions: Equatable {
    /// What the machine starts with.
    enum Program: Equatable {
        /// A Linux kernel, `vmlinux` or `bzImage`.
        case kernel(ByteString)
        /// A flat image that ends at 4 GiB and is entered at the reset vector.
        case firmware(ByteString)
    }

    struct Disk: Equatable {
        var file: ByteString
        var isReadOnly: Bool
    }

    enum Console: String, CaseIterable {
        case virtio, serial
    }

    var program: Program
    var initrd: ByteString?
    /// Added to Apus's own kernel command line, or, with `replacesDefaultCmdline`, all of it.
    var cmdline: ByteString?
    var replacesDefaultCmdline: Bool
    /// Guest RAM in bytes, a multiple of 4096.
    var memory: UInt64
    /// vCPUs, 1…32.
    var cpus: Int
    /// vda, vdb, … in this order.
    var disks: [Disk]
    var console: Console
    /// Milliseconds after which the monitor gives up, 1 or more.
    var timeout: UInt64?
    /// Where the monitor writes its JSON report.
    var report: ByteString?
    var isVerbose: Bool
}

extension BootOptions {
    static let defaultMemory: UInt64 = 256 << 20

    /// Checks what the user gave; the only place where a boot's options are judged.
    init(_ arguments: BootArguments) throws(UsageError) {
        program = try Self.program(of: arguments)
        initrd = try Self.file(arguments.initrd, of: "--initrd")
        cmdline = arguments.cmdline
        replacesDefaultCmdline = arguments.noDefaultCmdline
        memory = try arguments.memory.map(Quantity.memory) ?? Self.defaultMemory
        cpus = try arguments.cpus.map(Quantity.cpus) ?? 1
        disks = []
        for disk in arguments.disks { disks.append(try Disk(disk)) }
        console = try arguments.console.map(Console.init(argument:)) ?? .virtio
        timeout = try arguments.timeout.map(Quantity.timeout)
        report = try Self.file(arguments.report, of: "--report")
        isVerbose = arguments.verbose
    }

    private static func program(of arguments: BootArguments) throws(UsageError) -> Program {
        switch (arguments.kernel, arguments.firmware) {
        case (nil, nil):
            throw UsageError("nothing to boot: give --kernel FILE, or --firmware FILE")
        case (_?, _?):
            throw UsageError("--kernel and --firmware exclude each other: give one of them")
        case (let kernel?, nil):
            return .kernel(try named(kernel, of: "--kernel"))
        case (nil, let firmware?):
            if let option = arguments.optionForKernelOnly {
                throw UsageError("\(option) is for a Linux kernel and means nothing to --firmware: leave it out")
            }
            return .firmware(try named(firmware, of: "--firmware"))
        }
    }

    private static func file(_ file: ByteString?, of option: String) throws(UsageError) -> ByteString? {
        guard let file else { return nil }
        return try named(file, of: option)
    }

    private static func named(_ file: ByteString, of option: String) throws(UsageError) -> ByteString {
        if file.isEmpty { throw UsageError("\(option) has an empty file name") }
        return file
    }
}

extension BootArguments {
    /// The first option given that only a kernel can use.
    fileprivate var optionForKernelOnly: String? {
        if initrd != nil { return "--initrd" }
        if cmdline != nil { return "--cmdline" }
        return noDefaultCmdline ? "--no-default-cmdline" : nil
    }
}

extension BootOptions.Disk {
    /// Takes `FILE[,readonly]`. Any other comma belongs to the file's name.
    init(_ argument: ByteString) throws(UsageError) {
        let readOnlyFile = argument.removing(suffix: ",readonly")
        file = readOnlyFile ?? argument
        isReadOnly = readOnlyFile != nil
        if file.isEmpty { throw UsageError("--disk has an empty file name: give FILE or FILE,readonly") }
    }
}

extension BootOptions.Console {
    init(argument: ByteString) throws(UsageError) {
        for console in Self.allCases where ByteString(console.rawValue) == argument {
            self = console
            return
        }
        throw UsageError("--console '\(argument)' is unknown: give virtio or serial")
    }
}
