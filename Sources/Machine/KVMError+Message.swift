// A refused KVM call in words that a person can act on.

internal import Host
public import KVM

extension KVMError {
    public var message: String {
        switch errno {
        case .noSuchFile, .noSuchDevice:
            "/dev/kvm is absent: load the kernel's kvm module, or see 'apus doctor'"
        case .permissionDenied:
            "/dev/kvm may not be opened: join the group that owns it, or see 'apus doctor'"
        case .notSupported:
            "/dev/kvm lacks " + name + ": the host's kernel is too old, use Linux 4.12 or later"
        default:
            name + " failed: " + errno.message
        }
    }

    private var name: String {
        // SAFETY: a static string's bytes live as long as the program and end in NUL.
        unsafe String(cString: call.utf8Start)
    }
}

extension VCPUExit {
    /// The exit's name for a message.
    var name: String {
        switch self {
        case .portRead: "a port read"
        case .portWrite: "a port write"
        case .mmioRead: "an MMIO read"
        case .mmioWrite: "an MMIO write"
        case .halt: "HLT"
        case .shutdown: "a triple fault"
        case .systemEvent(let type): "system event " + String(type)
        case .interrupted: "an interruption"
        case .failedEntry(let reason): "a refused entry, hardware reason " + String(reason)
        case .internalError(let suberror): "KVM internal error, suberror " + String(suberror)
        case .unknown(let reason): "KVM exit reason " + String(reason)
        }
    }
}
