// The terminal's way out of the machine: Ctrl-A and a letter, as in other monitors.

/// Takes Apus's own key strokes out of what a person types.
///
/// | typed | does |
/// |---|---|
/// | Ctrl-A x | quits |
/// | Ctrl-A h | prints help |
/// | Ctrl-A Ctrl-A | sends one Ctrl-A to the guest |
/// | Ctrl-A, another key | sends both to the guest |
public struct EscapeFilter: Sendable {
    public enum Command: Equatable, Sendable {
        case quit, help
    }

    private static var escape: UInt8 { 0x01 }
    private var isEscaped = false

    public init() {}

    /// Takes one byte. Appends to `output` what is the guest's, and returns what is ours to do.
    public mutating func filter(_ byte: UInt8, into output: inout [UInt8]) -> Command? {
        guard isEscaped else {
            if byte == EscapeFilter.escape { isEscaped = true } else { output.append(byte) }
            return nil
        }
        isEscaped = false
        switch byte {
        case UInt8(ascii: "x"): return .quit
        case UInt8(ascii: "h"): return .help
        case EscapeFilter.escape: output.append(byte)
        default:
            output.append(EscapeFilter.escape)
            output.append(byte)
        }
        return nil
    }
}
