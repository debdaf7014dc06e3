import Testing

@testable import Machine

@Suite struct ConfigurationTests {
    private let minimal = ["--kernel", "vmlinux", "--memory", "134217728", "--cpus", "2"]

    @Test func readsAWholeDescription() throws {
        let configuration = try MachineConfiguration(
            arguments: minimal + [
                "--initrd", "initrd", "--cmdline", "quiet", "--no-default-cmdline", "--disk", "a", "--disk-readonly",
                "b", "--console", "serial", "--timeout-ms", "1500", "--report", "r.json", "--clock-zero", "7",
                "--verbose",
            ])

        #expect(configuration.payload == .kernel(path: "vmlinux"))
        #expect(configuration.memorySize == 134_217_728)
        #expect(configuration.cpuCount == 2)
        #expect(configuration.initrd == "initrd")
        #expect(configuration.commandLine == "quiet")
        #expect(!configuration.hasDefaultCommandLine)
        #expect(configuration.disks.map(\.path) == ["a", "b"])
        #expect(configuration.disks.map(\.isReadOnly) == [false, true])
        #expect(configuration.console == .serial)
        #expect(configuration.timeout == 1_500_000_000)
        #expect(configuration.reportPath == "r.json")
        #expect(configuration.clockZero == 7)
        #expect(configuration.isVerbose)
    }

    @Test func aTimeoutThatDoesNotFitIsNotAShortOne() throws {
        let configuration = try MachineConfiguration(arguments: minimal + ["--timeout-ms", "18446744073710"])
        #expect(configuration.timeout == .max)
    }

    @Test(
        arguments: [
            ([], .missingOption("--kernel")),
            (["--kernel", "k", "--firmware", "f"], .conflictingOptions("--kernel", "--firmware")),
            (["--kernel", "k"], .missingOption("--memory")),
            (["--kernel", "k", "--memory", "4096"], .missingOption("--cpus")),
            (["--kernel"], .missingValue(option: "--kernel")),
            (["--kernel", "k", "--kernel", "l"], .repeatedOption("--kernel")),
            (["--memory", "12M"], .invalidValue(option: "--memory", value: "12M")),
            (["--kernel", "k", "--memory", "4097", "--cpus", "1"], .invalidValue(option: "--memory", value: "4097")),
            (["--kernel", "k", "--memory", "0", "--cpus", "1"], .invalidValue(option: "--memory", value: "0")),
            (["--kernel", "k", "--memory", "4096", "--cpus", "0"], .invalidValue(option: "--cpus", value: "0")),
            (["--kernel", "k", "--memory", "4096", "--cpus", "33"], .invalidValue(option: "--cpus", value: "33")),
            (["--cpus", "-1"], .invalidValue(option: "--cpus", value: "-1")),
            (["--console", "vga"], .invalidValue(option: "--console", value: "vga")),
            (["--frobnicate"], .unknownOption("--frobnicate")),
        ] as [([String], ConfigurationError)])
    func refuses(arguments: [String], error: ConfigurationError) {
        #expect(throws: error) { try MachineConfiguration(arguments: arguments) }
    }
}
