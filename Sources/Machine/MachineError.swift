// The one error that reaches the person at the keyboard.

/// Why a machine could not be made or kept going, in one line that names the thing and what to do.
public struct MachineError: Error {
    public let message: String

    public init(_ message: String) { self.message = message }
}
