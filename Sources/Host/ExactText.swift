// Telling words of a command line apart.

/// A text that a `switch` compares byte by byte.
///
/// `String`'s own comparison holds equal what Unicode does, which an option's name has no use for; its tables and code
/// would be an eighth of the monitor.
public struct ExactText {
    private let text: String

    public init(_ text: String) { self.text = text }

    public static func ~= (pattern: StaticString, value: ExactText) -> Bool {
        // SAFETY: a static string's bytes live as long as the program.
        unsafe value.text.utf8.elementsEqual(
            UnsafeBufferPointer(start: pattern.utf8Start, count: pattern.utf8CodeUnitCount))
    }
}
