// How a guest tells Apus its verdict: one byte to one I/O port.
import Hardware

/// The Apus signal port.
enum SignalPort {
    enum Signal: UInt8 {
        case passed = 3
        case failed = 4
    }

    static func send(_ signal: Signal) {
        port_write8(0xA50, signal.rawValue)
    }
}
