// What went wrong, and in which call.

public import Host

/// A KVM call that the host refused.
public struct KVMError: Error {
    /// The ioctl's name as in linux/kvm.h, or the file that was opened.
    public let call: StaticString
    public let errno: Errno

    public init(_ call: StaticString, _ errno: Errno) {
        self.call = call
        self.errno = errno
    }
}

/// Names the call in the error of a C shim's answer (a value, or -errno).
@inline(__always)
@discardableResult
func checked(_ result: Int, _ call: StaticString) throws(KVMError) -> Int {
    if result < 0 { throw KVMError(call, Errno(rawValue: Int32(truncatingIfNeeded: -result))) }
    return result
}
