// The program `apus` as a user meets it: help, wrong usage, and what it starts.

import Testing

@testable import apus

@Suite struct CommandTests {
    let sandbox: Sandbox

    init() throws { sandbox = try Sandbox() }

    @Test(arguments: [
        ([], "SUBCOMMANDS"), (["--help"], "SUBCOMMANDS"), (["-h"], "SUBCOMMANDS"),
        (["help", "boot"], "--no-default-cmdline"), (["boot", "--help"], "--no-default-cmdline"),
        (["boot", "--kernel", "k", "-h"], "--no-default-cmdline"), (["doctor", "--help"], "linux_guests"),
        (["--version"], "apus 0.1.0\n"), (["--generate-completion-script", "bash"], "complete"),
    ])
    func helpGoesToStdout(arguments: [String], part: String) throws {
        let run = try sandbox.apus(arguments)

        #expect(run.status == 0)
        #expect(run.output.contains(part))
        #expect(run.errors == "")
    }

    @Test(arguments: [
        ([], "--kernel FILE"),
        (["--kernel", ""], "--kernel has an empty file name"),
        (["--firmware="], "--firmware"),
        (["--kernel", "k", "--firmware", "f"], "exclude each other"),
        (["--firmware", "f", "--initrd", "i"], "--initrd is for a Linux kernel"),
        (["--firmware", "f", "--cmdline", "c"], "--cmdline is for a Linux kernel"),
        (["--firmware", "f", "--no-default-cmdline"], "--no-default-cmdline is for a Linux kernel"),
        (["--kernel", "k", "--memory", "0"], "--memory '0' is too small"),
        (["--kernel", "k", "--memory", "1M"], "--memory '1M' is too small"),
        (["--kernel", "k", "--memory", "-1"], "--memory '-1' is no size"),
        (["--kernel", "k", "--cpus", "0"], "--cpus '0'"),
        (["--kernel", "k", "--cpus", "1000"], "--cpus '1000'"),
        (["--kernel", "k", "--timeout", "0"], "--timeout '0'"),
        (["--kernel", "k", "--timeout", "-1"], "--timeout '-1'"),
        (["--kernel", "k", "--timeout", "abc"], "--timeout 'abc'"),
        (["--kernel", "k", "--disk", ""], "--disk has an empty file name"),
        (["--kernel", "k", "--disk", ",readonly"], "--disk has an empty file name"),
        (["--kernel", "k", "--initrd", ""], "--initrd has an empty file name"),
        (["--kernel", "k", "--report", ""], "--report has an empty file name"),
        (["--kernel", "k", "--console", "vga"], "--console 'vga' is unknown: give virtio or serial"),
        (["--kernel", "k", "--console", "two\nlines\u{1B}[2J"], "--console 'two lines\\u{1B}[2J' is unknown"),
        (["--kernel"], "--kernel"),
        (["--kernel", "k", "--bogus"], "--bogus"),
        (["--kernel", "k", "extra"], "extra"),
        (["--kernel", "k", "--verbose=yes"], "verbose"),
    ])
    func wrongUsageIsOneLine(arguments: [String], part: String) throws {
        try sandbox.script(Sandbox.echo)

        let run = try sandbox.apus(["boot"] + arguments)

        #expect(run.status == 2)
        #expect(run.output == "")
        #expect(run.errorLines.count == 1)
        #expect(run.errors.hasPrefix("apus: "))
        #expect(run.errors.contains(part))
        #expect(run.errors.hasSuffix(" (see 'apus boot --help')\n"))
    }

    @Test(arguments: [["bogus"], ["--bogus"], ["", "boot"]])
    func aWrongVerbPointsToTheCommandsHelp(arguments: [String]) throws {
        let run = try sandbox.apus(arguments)

        #expect(run.status == 2)
        #expect(run.errorLines.count == 1)
        #expect(run.errors.hasSuffix(" (see 'apus --help')\n"))
    }

    @Test(arguments: [
        ["--kernel", "vmlinux", "--disk", "d,readonly", "--cmdline", "a  b"],
        ["--kernel", "vmlinux", "--disk", "d,readonly", "--cmdline", "a  b", "--"],
    ])
    func bothPathsBecomeTheSameMonitor(arguments: [String]) throws {
        try sandbox.script(Sandbox.echo)

        let run = try sandbox.apus(["boot"] + arguments, environment: ["APUS_CLOCK_ZERO": "17"])

        #expect(run.status == 42)
        #expect(run.errors == "")
        #expect(
            run.output.split(separator: "\n").dropLast() == [
                "--kernel", "vmlinux", "--cmdline", "a  b", "--memory", "268435456", "--cpus", "1",
                "--disk-readonly", "d", "--console", "virtio", "--clock-zero", "17", "zero=unset",
            ])
    }

    @Test func theMonitorTakesTheProcessOver() throws {
        try sandbox.script(Sandbox.echo)
        // The shell's own process id survives two execs only if no program forked.
        let shell = try sandbox.script("echo pid=$$; exec ./apus boot --kernel k", at: "starter")

        let run = try sandbox.run(shell)

        let processes = run.output.split(separator: "\n").filter { $0.hasPrefix("pid=") }
        #expect(processes.count == 2)
        #expect(processes.first == processes.last)
    }

    @Test func withoutAClockHandedOverTheZeroLiesBetweenStartAndNow() throws {
        try sandbox.script(Sandbox.echo)
        let before = ClockZero.now()

        let run = try sandbox.apus(["boot", "--kernel", "k"])

        let after = ClockZero.now()
        let lines = run.output.split(separator: "\n").map(String.init)
        let name = try #require(lines.firstIndex(of: "--clock-zero"))
        let zero = try #require(UInt64(lines[name + 1]))
        #expect((before...after).contains(zero))
    }

    @Test func aBrokenClockZeroIsWrongUsage() throws {
        try sandbox.script(Sandbox.echo)

        let run = try sandbox.apus(["boot", "--kernel", "k"], environment: ["APUS_CLOCK_ZERO": "soon"])

        #expect(run.status == 2)
        #expect(run.errorLines.count == 1)
        #expect(run.errors.contains("APUS_CLOCK_ZERO is 'soon'"))
    }

    @Test func theMonitorBesideComesBeforeTheEnvironment() throws {
        try sandbox.script("echo beside")
        let other = try sandbox.script("echo environment", at: "other")

        let run = try sandbox.apus(["boot", "--kernel", "k"], environment: ["APUS_VMM": other])

        #expect(run.output == "beside\n")
    }

    @Test func theEnvironmentNamesTheMonitorElsewhere() throws {
        let other = try sandbox.script("echo environment", at: "other")

        let run = try sandbox.apus(["boot", "--kernel", "k"], environment: ["APUS_VMM": other])

        #expect(run.output == "environment\n")
    }

    @Test(
        arguments: [[:], ["APUS_VMM": ""], ["APUS_VMM": "/nonexistent/vmm"]], [["boot", "--kernel", "k"], ["doctor"]])
    func aMissingMonitorIsNamedWithWhatToDo(environment: [String: String], arguments: [String]) throws {
        let run = try sandbox.apus(arguments, environment: environment)

        #expect(run.status == 1)
        #expect(run.errorLines.count == 1)
        #expect(run.errors.contains("\(sandbox.folder.path)/apus-vmm' does not exist"))
        #expect(run.errors.contains("APUS_VMM"))
        #expect(run.errors.contains("run 'make build'"))
    }

    @Test func aMonitorThatCannotBeRunIsNotPassedOver() throws {
        let other = try sandbox.script("echo environment", at: "other")
        try sandbox.directory(at: "apus-vmm")

        let run = try sandbox.apus(["boot", "--kernel", "k"], environment: ["APUS_VMM": other])

        #expect(run.status == 1)
        #expect(run.errorLines.count == 1)
        #expect(run.errors.contains("cannot run"))
        #expect(run.errors.contains("apus-vmm"))
    }
}
