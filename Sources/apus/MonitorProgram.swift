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
        for file in [beside, given] {
            guard let file else { continue }
            let code = attempt(file)
            if code == 0 { return }
            if code != ENOENT { throw Failure("cannot run '\(file)': \(errorText(code)); run 'make build' again") }
        }
        throw notFound(beside: beside, given: given)
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
        let path = unsafe [CChar](unsafeUninitializedCapacity: capacity) { buffer, count in
            count = unsafe max(0, readlink("/proc/self/exe", buffer.baseAddress!, capacity))
        }.map { UInt8(bitPattern: $0) }
        guard let slash = path.lastIndex(of: UInt8(ascii: "/")) else { return nil }
        return ByteString(path[...slash] + Array(name.utf8))
    }

    private static func fromEnvironment() -> ByteString? {
        // SAFETY: getenv's text is copied at once, before the environment can change.
        guard let text = unsafe getenv(variable) else { return nil }
        let file = unsafe ByteString(cString: text)
        return file.isEmpty ? nil : file
    }
}
