// Where the monitor is, and how `apus` becomes it.

import Glibc

/// The program `apus-vmm`: beside `apus`, else where the environment says.
enum MonitorProgram {
    static let name = "apus-vmm"
    static let variable = "APUS_VMM"

    /// Replaces this process with the monitor, so that nothing but the monitor lives with the machine.
    /// Returns only by throwing.
    static func replaceProcess(arguments: [ByteString]) throws(Failure) -> Never {
        try start { file in CStringVector(file: file, arguments: arguments).execute() }
        fatalError("execv returned success")
    }

    /// Gives `attempt` the files to try, in order, until one is there. No separate look whether it
    /// exists: the attempt itself is the check.
    ///
    /// - Parameter attempt: starts the file; returns 0, or the errno.
    static func start(_ attempt: (ByteString) -> Int32) throws(Failure) {
        let beside = besideThisProgram()
        let given = fromEnvironment()
        // One after the other, not a loop over an array: the runtime would have to make up the array's type,
        // a fifth of the thin path's instructions.
        if let beside, try isStarted(attempt(beside), beside) { return }
        if let given, try isStarted(attempt(given), given) { return }
        throw notFound(beside: beside, given: given)
    }

    /// Whether an attempt to start `file` worked; false where there is no such file.
    private static func isStarted(_ code: Int32, _ file: ByteString) throws(Failure) -> Bool {
        if code == 0 || code == ENOENT { return code == 0 }
        throw Failure("cannot run '\(file)': \(errorText(code)); run 'make build' again")
    }

    private static func notFound(beside: ByteString?, given: ByteString?) -> Failure {
        let place = beside.map { "'\($0)' does not exist" } ?? "/proc/self/exe cannot be read"
        let variableState = given.map { "names '\($0)', which does not exist" } ?? "is not set"
        return Failure(
            "no monitor to run: \(place), and \(variable) \(variableState); "
                + "run 'make build', or set \(variable) to the file of \(name)")
    }

    /// `apus-vmm` in the folder of the running program's own file, symbolic links resolved.
    private static func besideThisProgram() -> ByteString? {
        let capacity = Int(PATH_MAX)
        // SAFETY: readlink writes at most `capacity` bytes, without a NUL, and says how many, or -1.
        let path = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            count = unsafe buffer.withMemoryRebound(to: CChar.self) { text in
                unsafe max(0, readlink("/proc/self/exe", text.baseAddress!, capacity))
            }
        }
        guard let slash = path.lastIndex(of: UInt8(ascii: "/")) else { return nil }
        return ByteString(path[...slash] + Array(name.utf8))
    }

    private static func fromEnvironment() -> ByteString? {
        // SAFETY: the kernel gave the text; this program never sets the variable, so it stays as it is.
        guard let text = unsafe getenv(variable) else { return nil }
        let file = unsafe ByteString(immortal: text)
        return file.isEmpty ? nil : file
    }
}
