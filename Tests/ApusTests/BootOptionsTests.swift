// The two ways of parsing `apus boot`, the checks they share, and the machine description.

import ArgumentParser
import Testing

@testable import apus

@Suite struct BootOptionsTests {
    /// Command lines after `boot` that the thin path must understand by itself.
    static let plain: [[String]] = [
        ["--kernel", "vmlinux"],
        ["--kernel=vmlinux"],
        ["--firmware", "f.bin"],
        ["--firmware=f.bin", "--memory=2M", "--cpus=32", "--console=serial", "--timeout=0.5", "--report=r", "-v"],
        ["--kernel", "k", "--initrd", "i", "--cmdline", "quiet loglevel=3", "--no-default-cmdline"],
        ["--kernel", "k", "--cmdline=a=b c=d"],
        ["--kernel", "k", "--cmdline", "-- --single"],
        ["--kernel", "k", "--cmdline", "--verbose"],
        ["--kernel", "k", "--cmdline", ""],
        ["--kernel", "k", "--disk", "a", "--disk", "b,readonly", "--disk=c,readonly", "--disk", "d"],
        ["--kernel", "k", "--disk", "a,b.img", "--disk", "x,readonly,readonly"],
        ["--kernel", "a=b", "--report", "r=s.json"],
        ["--kernel", "k", "--memory", "1g", "--memory", "512M"],
        ["--kernel", "k", "--console", "virtio", "--verbose"],
        ["-v", "--timeout", "30", "--kernel", "k"],
        ["--kernel", "kérnel ☃"],
    ]

    @Test(arguments: plain)
    func bothParsersAgree(arguments: [String]) throws {
        let thin = BootOptions(thin: (["boot"] + arguments).map { ByteString($0) })
        let full = try Boot.parse(arguments).options()

        #expect(thin == full)
    }

    @Test(arguments: [
        [], ["help", "boot"], ["doctor"], ["--version"], ["boot"], ["boot", "--help"], ["boot", "-h"],
        ["boot", "--kernel"], ["boot", "--kernel", ""], ["boot", "--kernel", "k", "--firmware", "f"],
        ["boot", "--kernel", "k", "extra"], ["boot", "--kernel", "k", "--"], ["boot", "--kernel", "k", "--bogus"],
        ["boot", "--kernel", "k", "--verbose=yes"], ["boot", "--kernel", "k", "--no-default-cmdline="],
        ["boot", "--kernel", "--memory", "1G"], ["boot", "--kern", "k"], ["boot", "--kernel", "k", "--memory", "0"],
        ["boot", "--kernel", "k", "--cpus", "0"], ["boot", "--kernel", "k", "--console", "tty"],
        ["boot", "--firmware", "f", "--initrd", "i"], ["boot", "--kernel", "k", "-vv"], ["boot", "-kernel", "k"],
        ["boot", "--kernel", "-"], ["--verbose", "boot", "--kernel", "k"],
    ])
    func theThinParserLeavesTheRest(arguments: [String]) {
        #expect(BootOptions(thin: arguments.map { ByteString($0) }) == nil)
    }

    @Test func aFileNameThatLooksLikeAnOptionIsTheFullCommandsToTake() throws {
        let arguments = ["--kernel=-k"]

        #expect(BootOptions(thin: (["boot"] + arguments).map { ByteString($0) }) == nil)
        #expect(try Boot.parse(arguments).options().program == .kernel("-k"))
    }

    @Test func bytesThatAreNotUTF8StayAsTheyAre() throws {
        let file = ByteString([0x6B, 0xFF, 0xFE])

        let options = try #require(BootOptions(thin: ["boot", "--kernel", file]))

        #expect(options.program == .kernel(file))
        #expect(options.description(clockZero: 1).contains(file))
    }

    @Test func defaultsAreSpelledOutForTheMonitor() throws {
        let options = try #require(BootOptions(thin: ["boot", "--kernel", "k"]))

        #expect(
            options.description(clockZero: 17).map(\.description) == [
                "--kernel", "k", "--memory", "268435456", "--cpus", "1", "--console", "virtio", "--clock-zero", "17",
            ])
    }

    @Test func everyOptionReachesTheMonitor() throws {
        let options = try #require(
            BootOptions(thin: [
                "boot", "-v", "--report", "r", "--timeout", "1.5", "--console", "serial", "--disk", "a,readonly",
                "--disk", "b", "--cpus", "4", "--memory", "5G", "--no-default-cmdline", "--cmdline", "x y",
                "--initrd", "i", "--kernel", "k",
            ]))

        #expect(
            options.description(clockZero: .max).map(\.description) == [
                "--kernel", "k", "--initrd", "i", "--cmdline", "x y", "--no-default-cmdline",
                "--memory", "5368709120", "--cpus", "4", "--disk-readonly", "a", "--disk", "b",
                "--console", "serial", "--timeout-ms", "1500", "--report", "r",
                "--clock-zero", "18446744073709551615", "--verbose",
            ])
    }

    @Test func firmwareReachesTheMonitor() throws {
        let options = try #require(BootOptions(thin: ["boot", "--firmware", "f"]))

        #expect(options.description(clockZero: 0).prefix(2) == ["--firmware", "f"])
    }

    @Test(arguments: ["", "abc", "-1", "1.5", "101", "18446744073709551616"])
    func aClockZeroThatCannotBeIsRefused(text: String) throws {
        let error = #expect(throws: UsageError.self) { try ClockZero.parse(text, processStart: 100) }

        #expect(try #require(error).description.contains("APUS_CLOCK_ZERO is '\(text)'"))
    }

    @Test(arguments: [("0", 0), ("100", 100)] as [(String, UInt64)])
    func aClockZeroHandedOverIsTaken(text: String, zero: UInt64) throws {
        #expect(try ClockZero.parse(text, processStart: 100) == zero)
    }
}
