// Sizes, counts and times as the command line writes them.

import Testing

@testable import apus

@Suite struct QuantityTests {
    @Test(
        arguments: [
            ("2097152", 2_097_152), ("2048K", 2_097_152), ("2M", 2_097_152), ("2m", 2_097_152),
            ("256M", 268_435_456), ("1G", 1_073_741_824), ("1g", 1_073_741_824), ("2052k", 2_101_248),
            ("0256M", 268_435_456), ("17179869183G", 18_446_744_072_635_809_792),
            ("18446744073709547520", UInt64.max - 4095),
        ] as [(String, UInt64)])
    func memoryIsRead(text: String, bytes: UInt64) throws {
        #expect(try Quantity.memory(ByteString(text)) == bytes)
    }

    @Test(arguments: [
        ("", "no size"), ("M", "no size"), ("-1", "no size"), ("+2M", "no size"), ("1.5G", "no size"),
        ("256MB", "no size"), ("256 M", "no size"), ("0x1000000", "no size"), ("٢M", "no size"), ("1T", "no size"),
        ("0", "too small"), ("0G", "too small"), ("1M", "too small"), ("2097151", "too small"),
        ("2097153", "not a multiple of 4096"), ("2049K", "not a multiple of 4096"),
        ("17179869184G", "more than any machine"), ("18446744073709551616", "more than any machine"),
        ("99999999999999999999999999M", "more than any machine"),
    ])
    func memoryIsRefused(text: String, reason: String) throws {
        let error = #expect(throws: UsageError.self) { try Quantity.memory(ByteString(text)) }

        #expect(try #require(error).description.contains("--memory '\(text)'"))
        #expect(try #require(error).description.contains(reason))
    }

    @Test(arguments: [("1", 1), ("2", 2), ("32", 32), ("08", 8)])
    func cpusAreRead(text: String, count: Int) throws {
        #expect(try Quantity.cpus(ByteString(text)) == count)
    }

    @Test(arguments: ["", "0", "33", "1000", "-1", "two", "1.0", "18446744073709551617"])
    func cpusAreRefused(text: String) throws {
        let error = #expect(throws: UsageError.self) { try Quantity.cpus(ByteString(text)) }

        #expect(try #require(error).description.contains("--cpus '\(text)' is no usable number of vCPUs: give 1 to 32"))
    }

    @Test(
        arguments: [
            ("1", 1000), ("30", 30_000), ("0.5", 500), ("1.25", 1250), ("0.001", 1), ("0.0001", 1), ("1.0000", 1000),
            ("2.9999", 3000), ("0.0100", 10), ("3155760000", 3_155_760_000_000),
        ] as [(String, UInt64)])
    func timeoutIsReadAndRoundedUp(text: String, milliseconds: UInt64) throws {
        #expect(try Quantity.timeout(ByteString(text)) == milliseconds)
    }

    @Test(arguments: [
        ("", "no number"), ("abc", "no number"), ("-1", "no number"), ("1s", "no number"), ("1e3", "no number"),
        (".5", "no number"), ("1.", "no number"), ("1.2.3", "no number"), ("inf", "no number"), ("nan", "no number"),
        ("0", "at once"), ("0.000", "at once"), ("3155760001", "too long"), ("99999999999999999999", "too long"),
    ])
    func timeoutIsRefused(text: String, reason: String) throws {
        let error = #expect(throws: UsageError.self) { try Quantity.timeout(ByteString(text)) }

        #expect(try #require(error).description.contains("--timeout '\(text)'"))
        #expect(try #require(error).description.contains(reason))
    }
}
