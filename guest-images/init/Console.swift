// The guest's console: messages of one line each, naming the thing; and its echo.

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

/// Stops the console from showing its input again, for commands that nobody types.
func turnOffEcho() {
    var attributes = termios()
    guard tcgetattr(STDIN_FILENO, &attributes) == 0 else { return }
    attributes.c_lflag &= ~tcflag_t(ECHO)
    tcsetattr(STDIN_FILENO, TCSANOW, &attributes)
}
