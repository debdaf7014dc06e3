// What the program was started with.

internal import CShims

public enum Arguments {
    /// The arguments after the program's name.
    public static var all: [String] {
        (1..<max(apus_argument_count(), 1)).map { index in
            // SAFETY: the index is in range, and an argument is a NUL-terminated text that stays.
            unsafe String(cString: apus_argument(index))
        }
    }
}
