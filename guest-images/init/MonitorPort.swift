// Apus's signal port, an I/O port that the guest writes one byte to, through /dev/port.

import CInit

struct MonitorPort {
    /// What a byte written to the port tells the monitor.
    enum Signal: UInt8 {
        /// The root is mounted and init has come this far; once in the guest's life.
        case guestReady = 1
        /// The guest is done and has put its disks in order.
        case powerOff = 2
    }

    /// The port's number, in the range that no PC device uses.
    private static let number: off_t = 0xA50

    private let device: CInt

    /// Opens /dev/port, which reaches any I/O port at the offset of its number.
    static func open() -> MonitorPort {
        let device = cinit_open(cString("/dev/port"), O_WRONLY | O_CLOEXEC)
        if device < 0 {
            complain("/dev/port", cinit_errno())
        }
        return MonitorPort(device: device)
    }

    func signal(_ signal: Signal) {
        var byte = signal.rawValue
        if device >= 0 && pwrite(device, &byte, 1, Self.number) != 1 {
            complain("/dev/port", cinit_errno())
        }
    }
}
