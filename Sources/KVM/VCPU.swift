// One virtual CPU: it runs until something needs the monitor.

internal import CShims
internal import Host

/// A virtual CPU (api.rst, "vcpu ioctls"). Its state is set before it runs; after that only the thread that runs it
/// calls anything but `requestExit`.
@safe
public final class VCPU: @unchecked Sendable {
    // @unchecked: see above; `requestExit` touches one byte that the kernel reads atomically.

    public let id: UInt32
    let descriptor: FileDescriptor
    private let mapping: MemoryMapping
    private let runState: UnsafeMutablePointer<kvm_run>

    init(_ descriptor: consuming FileDescriptor, id: UInt32, runSize: Int) throws(KVMError) {
        self.id = id
        do throws(Errno) {
            mapping = try .shared(descriptor, count: runSize)
        } catch { throw KVMError("mmap of struct kvm_run", error) }
        self.descriptor = descriptor
        // SAFETY: the kernel shares a `struct kvm_run` at the start of this mapping, which lives as long as this.
        unsafe runState = mapping.baseAddress.assumingMemoryBound(to: kvm_run.self)
    }

    /// Enters the guest and says why it came back.
    @inline(__always)
    public func run() throws(KVMError) -> VCPUExit {
        let result = apus_kvm_run(descriptor.rawValue)
        if result < 0 {
            if result == -Int(EINTR) || result == -Int(EAGAIN) { return .interrupted }
            throw KVMError("KVM_RUN", Errno(rawValue: Int32(truncatingIfNeeded: -result)))
        }
        // SAFETY: the kernel filled the part of the union that the exit reason names.
        return unsafe VCPUExit(runState)
    }

    /// Makes the next (or a concurrent, then kicked) `run` return `.interrupted` at once.
    public func requestExit() {
        // SAFETY: one byte, which the kernel reads when it enters the guest.
        unsafe apus_run_set_immediate_exit(runState, 1)
    }

    /// The `index`th value that a `.portWrite` wrote.
    @inline(__always)
    public func portValue(_ index: UInt32 = 0) -> UInt32 {
        // SAFETY: the kernel placed `count` values behind `data_offset` of this mapping.
        unsafe apus_run_io_value(runState, index)
    }

    /// Answers the `index`th value of a `.portRead`.
    @inline(__always)
    public func setPortValue(_ value: UInt32, _ index: UInt32 = 0) {
        // SAFETY: as above.
        unsafe apus_run_set_io_value(runState, index, value)
    }

    /// Answers an `.mmioRead`.
    @inline(__always)
    public func setMMIOValue(_ value: UInt64) {
        // SAFETY: at most eight bytes, the size of the field.
        unsafe apus_run_set_mmio_value(runState, value)
    }
}
