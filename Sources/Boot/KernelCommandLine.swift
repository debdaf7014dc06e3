// The kernel's command line, put together from parts.

public import GuestMemory

/// What is wrong with a command line.
public enum CommandLineError: Error, Equatable {
    /// Both in bytes, without the NUL.
    case tooLong(length: Int, limit: Int)
    /// A NUL would end it early.
    case containsNUL
    case memory(GuestMemoryError)

    /// One line for a person.
    public var message: String {
        switch self {
        case .tooLong(let length, let limit):
            return "kernel command line: has \(length) bytes and this kernel takes \(limit); shorten --cmdline"
        case .containsNUL: return "kernel command line: contains a NUL byte; take it out of --cmdline"
        case .memory: return "kernel command line: does not fit in guest memory; give the guest more --memory"
        }
    }
}

/// A kernel command line.
///
/// Defaults come first, then devices, then what the user said: a later parameter wins over an earlier one, and all
/// that follows a `--` is init's (Documentation/admin-guide/kernel-parameters.rst).
public struct KernelCommandLine: Equatable, Sendable {
    /// Without a NUL at the end.
    public private(set) var bytes: [UInt8] = []

    public init() {}

    /// Adds one or more parameters, with a space before them where needed. An empty part adds nothing.
    public mutating func append(_ part: [UInt8]) {
        guard !part.isEmpty else { return }
        if !bytes.isEmpty { bytes.append(UInt8(ascii: " ")) }
        bytes.append(contentsOf: part)
    }

    public mutating func append(_ part: String) { append([UInt8](part.utf8)) }

    /// Tells Linux of virtio-mmio device `index`, as `virtio_mmio.device=4K@0xd0000000:5`
    /// (drivers/virtio/virtio_mmio.c). Returns false, and adds nothing, where `Layout` has no such device.
    public mutating func appendVirtioDevice(_ index: Int) -> Bool {
        guard let window = Layout.virtioWindow(index), let gsi = Layout.virtioGSI(index) else { return false }
        append("virtio_mmio.device=4K@" + window.rawValue.hexadecimal + ":" + String(gsi))
        return true
    }

    /// The whole as text, for a person.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Writes the command line and its NUL where the zero page points.
    public func write(to memory: GuestMemory, for kernel: LoadedKernel) throws(CommandLineError) {
        let limit = min(kernel.commandLineLimit, Int(Layout.commandLineSize) - 1)
        guard bytes.count <= limit else { throw .tooLong(length: bytes.count, limit: limit) }
        guard !bytes.contains(0) else { throw .containsNUL }
        do throws(GuestMemoryError) {
            try memory.writeBytes(bytes, at: Layout.commandLine)
            try memory.write(UInt8(0), at: GuestAddress(Layout.commandLine.rawValue + UInt64(bytes.count)))
        } catch { throw .memory(error) }
    }
}
