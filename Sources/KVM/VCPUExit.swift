// Why a vCPU came back.

internal import CShims

/// The exits that this monitor knows (api.rst, "The kvm_run structure"); widths are in bytes.
public enum VCPUExit: Equatable {
    /// `count` reads (more than 1 for a string instruction) to be answered with `setPortValue`.
    case portRead(port: UInt16, width: UInt8, count: UInt32)
    /// `count` writes, whose values `portValue` gives.
    case portWrite(port: UInt16, width: UInt8, count: UInt32)
    /// To be answered with `setMMIOValue`.
    case mmioRead(address: UInt64, width: UInt32)
    case mmioWrite(address: UInt64, width: UInt32, value: UInt64)
    case halt
    /// A triple fault.
    case shutdown
    /// A reset or shutdown that the kernel noticed (KVM_SYSTEM_EVENT_*).
    case systemEvent(UInt32)
    /// A signal, or `requestExit`.
    case interrupted
    /// The CPU refused the guest's state; the reason is the hardware's.
    case failedEntry(reason: UInt64)
    /// KVM could not go on, mostly because it could not interpret an instruction.
    case internalError(suberror: UInt32)
    case unknown(reason: UInt32)

    @inline(__always)
    init(_ run: UnsafePointer<kvm_run>) {
        switch unsafe Int32(bitPattern: run.pointee.exit_reason) {
        case KVM_EXIT_IO:
            let port = unsafe apus_run_io_port(run)
            let width = unsafe apus_run_io_size(run)
            let count = unsafe apus_run_io_count(run)
            self =
                unsafe Int32(apus_run_io_direction(run)) == KVM_EXIT_IO_IN
                ? .portRead(port: port, width: width, count: count)
                : .portWrite(port: port, width: width, count: count)
        case KVM_EXIT_MMIO:
            let address = unsafe apus_run_mmio_address(run)
            let width = unsafe apus_run_mmio_width(run)
            self =
                unsafe apus_run_mmio_is_write(run) != 0
                ? .mmioWrite(address: address, width: width, value: apus_run_mmio_value(run))
                : .mmioRead(address: address, width: width)
        case KVM_EXIT_HLT: self = .halt
        case KVM_EXIT_SHUTDOWN: self = .shutdown
        case KVM_EXIT_SYSTEM_EVENT: self = unsafe .systemEvent(apus_run_system_event(run))
        case KVM_EXIT_INTR: self = .interrupted
        case KVM_EXIT_FAIL_ENTRY: self = unsafe .failedEntry(reason: apus_run_fail_entry_reason(run))
        case KVM_EXIT_INTERNAL_ERROR: self = unsafe .internalError(suberror: apus_run_internal_suberror(run))
        case let reason: self = .unknown(reason: UInt32(bitPattern: reason))
        }
    }
}
