// The machine description as `apus` hands it over: one way to say each thing, sizes in bytes, no abbreviations.

internal import Host

/// Why an argument vector is no machine description.
public enum ConfigurationError: Error, Equatable {
    case unknownOption(String)
    case missingValue(option: String)
    case invalidValue(option: String, value: String)
    case repeatedOption(String)
    case missingOption(String)
    case conflictingOptions(String, String)

    /// One line that names the option and what to do.
    public var message: String {
        switch self {
        case .unknownOption(let option): "unknown option " + option
        case .missingValue(let option): option + " needs a value"
        case .invalidValue(let option, let value): option + " does not take \"" + value + "\""
        case .repeatedOption(let option): option + " may be given once"
        case .missingOption(let option): option + " is missing"
        case .conflictingOptions(let one, let other): one + " and " + other + " exclude each other"
        }
    }
}

extension MachineConfiguration {
    /// Reads a description from the arguments after the program's name.
    public init(arguments: [String]) throws(ConfigurationError) {
        var reader = ArgumentReader(arguments)
        var kernel: String?
        var firmware: String?
        var memorySize: UInt64?
        var cpuCount: UInt32?
        var clockZero: UInt64?
        var result = MachineConfiguration(
            payload: .kernel(path: ""), memorySize: 0, cpuCount: 0, clockZero: MonotonicClock.now)

        while let option = reader.nextOption() {
            switch ExactText(option) {
            case "--kernel": try reader.readText(into: &kernel)
            case "--firmware": try reader.readText(into: &firmware)
            case "--initrd": try reader.readText(into: &result.initrd)
            case "--cmdline":
                guard result.commandLine.isEmpty else { throw .repeatedOption(option) }
                result.commandLine = try reader.value()
            case "--no-default-cmdline": result.hasDefaultCommandLine = false
            case "--memory": try reader.readNumber(into: &memorySize)
            case "--cpus": try reader.readNumber(into: &cpuCount)
            case "--disk": result.disks.append(Disk(path: try reader.value(), isReadOnly: false))
            case "--disk-readonly": result.disks.append(Disk(path: try reader.value(), isReadOnly: true))
            case "--console":
                let console = try reader.value()
                switch ExactText(console) {
                case "virtio": result.console = .virtio
                case "serial": result.console = .serial
                default: throw .invalidValue(option: option, value: console)
                }
            case "--timeout-ms":
                var milliseconds: UInt64?
                try reader.readNumber(into: &milliseconds)
                // What does not fit is six centuries away.
                result.timeout = milliseconds.map { $0 > .max / 1_000_000 ? .max : $0 * 1_000_000 }
            case "--report": try reader.readText(into: &result.reportPath)
            case "--clock-zero": try reader.readNumber(into: &clockZero)
            case "--verbose": result.isVerbose = true
            default: throw .unknownOption(option)
            }
        }

        switch (kernel, firmware) {
        case (let kernel?, nil): result.payload = .kernel(path: kernel)
        case (nil, let firmware?): result.payload = .firmware(path: firmware)
        case (nil, nil): throw .missingOption("--kernel")
        case (_?, _?): throw .conflictingOptions("--kernel", "--firmware")
        }
        guard let memorySize else { throw .missingOption("--memory") }
        guard memorySize > 0, memorySize % 4096 == 0 else {
            throw .invalidValue(option: "--memory", value: String(memorySize))
        }
        guard let cpuCount else { throw .missingOption("--cpus") }
        guard cpuCount >= 1, cpuCount <= MachineConfiguration.cpuLimit else {
            throw .invalidValue(option: "--cpus", value: String(cpuCount))
        }
        result.memorySize = memorySize
        result.cpuCount = cpuCount
        if let clockZero { result.clockZero = clockZero }
        self = result
    }
}

/// Walks an argument vector of options and their values.
private struct ArgumentReader {
    private let arguments: [String]
    private var index = 0
    private var option = ""

    init(_ arguments: [String]) { self.arguments = arguments }

    mutating func nextOption() -> String? {
        guard index < arguments.count else { return nil }
        option = arguments[index]
        index += 1
        return option
    }

    /// The value of the option just read.
    mutating func value() throws(ConfigurationError) -> String {
        guard index < arguments.count else { throw .missingValue(option: option) }
        defer { index += 1 }
        return arguments[index]
    }

    mutating func readText(into target: inout String?) throws(ConfigurationError) {
        guard target == nil else { throw .repeatedOption(option) }
        target = try value()
    }

    mutating func readNumber<Number: FixedWidthInteger>(
        into target: inout Number?
    ) throws(ConfigurationError) {
        guard target == nil else { throw .repeatedOption(option) }
        let text = try value()
        guard let number = Number(text) else { throw .invalidValue(option: option, value: text) }
        target = number
    }
}
