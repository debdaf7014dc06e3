// How much memory the host has.

internal import CShims

public enum HostMemory {
    /// All of the host's RAM in bytes.
    public static var total: UInt64 {
        UInt64(max(0, sysconf(Int32(_SC_PHYS_PAGES)))) &* UInt64(max(0, sysconf(Int32(_SC_PAGESIZE))))
    }
}
