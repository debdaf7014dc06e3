// The thin path of `apus boot`: a parser for well-formed command lines, without ArgumentParser, whose
// own set-up costs more than starting the machine does. It decides nothing by itself: whatever is
// not plain it leaves to the full command, which accepts or refuses the same with words.

extension BootOptions {
    /// Parses the arguments after the program's name; nil where the full command is to look at them:
    /// another verb, help, an unknown, abbreviated or combined option, a missing or refused value.
    init?(thin arguments: [ByteString]) {
        guard arguments.first == "boot", let given = BootArguments(thin: arguments.dropFirst()) else { return nil }
        do throws(UsageError) {
            try self.init(given)
        } catch {
            return nil
        }
    }
}

/// The options of `apus boot` as they are spelled.
private enum BootOption: String {
    case kernel = "--kernel"
    case firmware = "--firmware"
    case initrd = "--initrd"
    case cmdline = "--cmdline"
    case noDefaultCmdline = "--no-default-cmdline"
    case memory = "--memory"
    case cpus = "--cpus"
    case disk = "--disk"
    case console = "--console"
    case timeout = "--timeout"
    case report = "--report"
    case verbose = "--verbose"
    case verboseShort = "-v"

    var isFlag: Bool {
        switch self {
        case .noDefaultCmdline, .verbose, .verboseShort: true
        default: false
        }
    }
}

extension BootArguments {
    fileprivate init?(thin arguments: ArraySlice<ByteString>) {
        var rest = arguments
        while let argument = rest.popFirst() {
            let equals = argument.bytes.firstIndex(of: UInt8(ascii: "=")) ?? argument.bytes.endIndex
            let name = String(decoding: argument.bytes[..<equals], as: UTF8.self)
            guard let option = BootOption(rawValue: name) else { return nil }
            let attached = equals == argument.bytes.endIndex ? nil : ByteString(argument.bytes[(equals + 1)...])
            if option.isFlag {
                guard attached == nil else { return nil }
                set(option)
            } else {
                guard let value = attached ?? rest.popFirst(), isPlain(value, of: option) else { return nil }
                set(option, to: value)
            }
        }
    }

    /// Whether `value` cannot be mistaken for an option that follows one whose value was forgotten.
    /// A kernel's command line may start with a dash.
    private func isPlain(_ value: ByteString, of option: BootOption) -> Bool {
        option == .cmdline || value.bytes.first != UInt8(ascii: "-")
    }

    private mutating func set(_ flag: BootOption) {
        switch flag {
        case .noDefaultCmdline: noDefaultCmdline = true
        default: verbose = true
        }
    }

    private mutating func set(_ option: BootOption, to value: ByteString) {
        switch option {
        case .kernel: kernel = value
        case .firmware: firmware = value
        case .initrd: initrd = value
        case .cmdline: cmdline = value
        case .memory: memory = value
        case .cpus: cpus = value
        case .disk: disks.append(value)
        case .console: console = value
        case .timeout: timeout = value
        case .report: report = value
        case .noDefaultCmdline, .verbose, .verboseShort: break
        }
    }
}
