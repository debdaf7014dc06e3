// What the program was started with.

public enum Arguments {
    /// The arguments after the program's name.
    /// - Parameter values: the `count` NUL-terminated texts that C's `main` was called with.
    @unsafe
    public static func afterName(count: Int32, values: UnsafePointer<UnsafePointer<CChar>>) -> [String] {
        // SAFETY: the index is below the count.
        (1..<max(Int(count), 1)).map { index in unsafe String(cString: values[index]) }
    }
}
