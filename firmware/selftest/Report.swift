// One line per check on the serial port, in the Test Anything Protocol, and the verdict at the end.
import Hardware

/// Why a check failed: a sentence and the value that was seen.
struct Failure: Error {
    let reason: StaticString
    let value: UInt64

    init(_ reason: StaticString, _ value: some BinaryInteger) {
        self.reason = reason
        self.value = UInt64(truncatingIfNeeded: value)
    }
}

/// Throws `reason` with the value seen, unless that is the value wanted.
func expect<Value: FixedWidthInteger>(
    _ seen: Value, is wanted: Value, _ reason: StaticString
) throws(Failure) {
    guard seen == wanted else { throw Failure(reason, seen) }
}

/// Counts the checks and prints them as they end.
struct Report {
    private var checks = 0
    private var failures = 0

    /// Runs one check: `ok N name`, or `not ok N name # reason: value`.
    mutating func check(_ name: StaticString, _ body: () throws(Failure) -> Void) {
        checks += 1
        do throws(Failure) {
            try body()
            line("ok ", name)
        } catch {
            failures += 1
            line("not ok ", name)
            SerialPort.write(" # ")
            SerialPort.write(error.reason)
            SerialPort.write(": ")
            SerialPort.write(hexadecimal: error.value)
        }
        SerialPort.endLine()
    }

    /// A check that this machine gives no occasion for: `ok N name # SKIP reason`. It does not fail the self-test.
    mutating func skip(_ name: StaticString, because reason: StaticString) {
        checks += 1
        line("ok ", name)
        SerialPort.write(" # SKIP ")
        SerialPort.write(reason)
        SerialPort.endLine()
    }

    /// Prints the number of checks and the verdict, tells the monitor, and halts.
    func finish() -> Never {
        SerialPort.write("1..")
        SerialPort.write(decimal: checks)
        SerialPort.endLine()
        Report.end(passed: failures == 0)
    }

    /// Prints the verdict, tells the monitor, and halts.
    static func end(passed: Bool) -> Never {
        SerialPort.write("apus self-test: ")
        SerialPort.write(passed ? "pass" : "fail")
        SerialPort.endLine()
        SignalPort.send(passed ? .passed : .failed)
        halt_forever()
    }

    private func line(_ verdict: StaticString, _ name: StaticString) {
        SerialPort.write(verdict)
        SerialPort.write(decimal: checks)
        SerialPort.write(byte: 0x20)
        SerialPort.write(name)
    }
}
