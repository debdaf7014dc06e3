// How a machine's life ended, and what the command's exit status says of it.

/// Why a machine stopped.
public enum Outcome: Equatable, Sendable {
    /// The guest asked for power-off.
    case shutdown
    /// The guest asked for a reset.
    case reset
    /// The guest's kernel panicked and then asked for a reset.
    case panic
    case tripleFault
    /// `--timeout` came first.
    case timeout
    /// The monitor was told to stop: SIGINT, SIGTERM, SIGHUP, or `Ctrl-A x` on the terminal.
    case signal(Int32)
    /// A self-test guest said that it failed.
    case failedSelfTest
    /// The host could not go on: the message says why.
    case failure(String)

    /// The name in the report.
    public var name: StaticString {
        switch self {
        case .shutdown: "shutdown"
        case .reset: "reset"
        case .panic: "panic"
        case .tripleFault: "triple-fault"
        case .timeout: "timeout"
        case .signal: "signal"
        case .failedSelfTest: "self-test-failed"
        case .failure: "failure"
        }
    }

    /// One line for the person at the keyboard, where the outcome is not what was asked for.
    public var message: String? {
        switch self {
        case .shutdown, .reset, .signal: nil
        case .panic: "the guest's kernel panicked"
        case .tripleFault: "the guest's processor gave up (triple fault)"
        case .timeout: "the guest was stopped by --timeout"
        case .failedSelfTest: "the guest's self-test failed"
        case .failure(let message): message
        }
    }

    /// The monitor's exit status.
    public var exitStatus: Int32 {
        switch self {
        case .shutdown, .reset: 0
        case .failure, .failedSelfTest: 1
        case .panic, .tripleFault: 3
        case .timeout: 124
        case .signal(let number): number == 0 ? 0 : 128 + number
        }
    }
}
