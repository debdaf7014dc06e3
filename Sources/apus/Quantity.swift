// Numbers with units on the command line: sizes, counts and times. Exact integer arithmetic, checked.

/// How each number of `apus boot` is written.
enum Quantity {
    /// Guest memory in bytes: `536870912`, `512M`, `512m`, `1G`, `524288K`.
    static func memory(_ text: ByteString) throws(UsageError) -> UInt64 {
        let (digits, shift) = splitUnit(text.bytes)
        guard isDecimal(digits) else {
            throw UsageError(
                "--memory '\(text)' is no size: give bytes, or a whole number with K, M or G, such as 256M")
        }
        guard let number = decimal(digits), number <= UInt64.max >> shift else {
            throw UsageError("--memory '\(text)' is more than any machine has")
        }
        let bytes = number << shift
        guard bytes >= minimumMemory else {
            throw UsageError("--memory '\(text)' is too small: give at least 2M")
        }
        guard bytes % pageSize == 0 else {
            throw UsageError("--memory '\(text)' is not a multiple of 4096 bytes")
        }
        return bytes
    }

    /// A number of vCPUs.
    static func cpus(_ text: ByteString) throws(UsageError) -> Int {
        guard isDecimal(text.bytes[...]), let number = decimal(text.bytes[...]), (1...32).contains(number) else {
            throw UsageError("--cpus '\(text)' is no usable number of vCPUs: give 1 to 32")
        }
        return Int(number)
    }

    /// Seconds such as `30` or `0.25`, as milliseconds rounded up, so that no time given becomes none.
    static func timeout(_ text: ByteString) throws(UsageError) -> UInt64 {
        let bytes = text.bytes
        let point = bytes.firstIndex(of: UInt8(ascii: ".")) ?? bytes.endIndex
        let whole = bytes[..<point]
        let fraction = bytes[point...].dropFirst()
        guard isDecimal(whole), point == bytes.endIndex || isDecimal(fraction) else {
            throw UsageError("--timeout '\(text)' is no number of seconds: give a positive one, such as 30 or 0.5")
        }
        guard let seconds = decimal(whole), seconds <= longestTimeout else {
            throw UsageError("--timeout '\(text)' is too long: give at most \(longestTimeout) seconds")
        }
        let milliseconds = seconds * 1000 + millisecondsRoundedUp(fraction)
        guard milliseconds > 0 else {
            throw UsageError("--timeout '\(text)' would end the machine at once: give more than 0 seconds")
        }
        return milliseconds
    }

    /// Less than this has no room for a kernel and its boot tables.
    private static let minimumMemory: UInt64 = 2 << 20
    private static let pageSize: UInt64 = 4096
    /// Seconds; a hundred years, which in nanoseconds still fits 63 bits.
    private static let longestTimeout: UInt64 = 3_155_760_000

    private static func splitUnit(_ bytes: [UInt8]) -> (digits: ArraySlice<UInt8>, shift: UInt64) {
        switch bytes.last {
        case UInt8(ascii: "K"), UInt8(ascii: "k"): (bytes.dropLast(), 10)
        case UInt8(ascii: "M"), UInt8(ascii: "m"): (bytes.dropLast(), 20)
        case UInt8(ascii: "G"), UInt8(ascii: "g"): (bytes.dropLast(), 30)
        default: (bytes[...], 0)
        }
    }

    private static func isDecimal(_ bytes: ArraySlice<UInt8>) -> Bool {
        !bytes.isEmpty && bytes.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// The value of decimal digits, or nil past 64 bits.
    private static func decimal(_ digits: ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for digit in digits {
            let (tens, tooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflow) = tens.addingReportingOverflow(UInt64(digit - UInt8(ascii: "0")))
            if tooLarge || overflow { return nil }
            value = sum
        }
        return value
    }

    private static func millisecondsRoundedUp(_ fraction: ArraySlice<UInt8>) -> UInt64 {
        var milliseconds: UInt64 = 0
        var weight: UInt64 = 100
        for digit in fraction.prefix(3) {
            milliseconds += UInt64(digit - UInt8(ascii: "0")) * weight
            weight /= 10
        }
        let hasMore = fraction.dropFirst(3).contains { $0 != UInt8(ascii: "0") }
        return milliseconds + (hasMore ? 1 : 0)
    }
}
