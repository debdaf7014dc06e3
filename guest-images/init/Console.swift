// Messages on the guest's console: one line each, naming the thing.

import CInit

/// Prints `init: what: reason` on standard error, which the kernel connected to /dev/console.
func complain(_ what: StaticString, _ error: CInt) {
    complain(cString(what), error)
}

func complain(_ what: UnsafePointer<CChar>, _ error: CInt) {
    put(cString("init: "))
    put(what)
    put(cString(": "))
    put(strerror(error))
    put(cString("\n"))
}

func put(_ text: UnsafePointer<CChar>) {
    _ = write(STDERR_FILENO, text, strlen(text))
}

func put(_ number: CInt) {
    if number >= 10 {
        put(number / 10)
    }
    var digit = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: number % 10)
    _ = write(STDERR_FILENO, &digit, 1)
}
