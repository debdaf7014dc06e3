// This process.

internal import CShims

public enum HostProcess {
    /// The process id.
    public static var id: Int32 { getpid() }
}
