// The host's side of a console's input: a stream that is read only as fast as the guest takes it.

public import Host

/// Reads a descriptor on the main loop and hands the bytes to one device.
///
/// A pipe or file is read only when the guest has room, so what waits, waits in the host's pipe. A terminal with escapes
/// is always read, or nobody could quit a guest that no longer reads; what the guest does not take waits in a bounded
/// buffer, and past that is lost, as in a terminal's own.
public final class ConsoleInput {
    private static var readSize: Int { 512 }
    private static var terminalLimit: Int { 4096 }

    private let descriptor: FileDescriptor
    private let onCommand: ((EscapeFilter.Command) -> Void)?
    private var filter = EscapeFilter()

    private var loop: EventLoop?
    private var isPollable = true
    private var isWatching = false
    private var hasEnded = false
    private var hasRoom: () -> Bool = { false }
    private var take: ([UInt8], Range<Int>) -> Int = { _, _ in 0 }
    private var pumpLater: () -> Void = {}

    /// Read and filtered, but not taken yet: from `pendingStart` on.
    private var pending: [UInt8] = []
    private var pendingStart = 0
    private var scratch: [UInt8] = []

    /// - Parameter onCommand: given for a terminal, whose escapes it is told; called on the main loop.
    public init(
        _ descriptor: consuming FileDescriptor, onCommand: ((EscapeFilter.Command) -> Void)? = nil
    ) {
        self.descriptor = descriptor
        self.onCommand = onCommand
        scratch.reserveCapacity(ConsoleInput.readSize)
    }

    /// Starts reading for a device.
    /// - Parameters:
    ///   - hasRoom: whether the device can take a byte. Where it answers no, the device calls `pump` when it can again.
    ///   - take: hands over a part of an array; answers how many bytes the device took.
    ///   - pumpLater: lets the device call `pump` at the loop's next turn.
    func attach(
        to loop: EventLoop, hasRoom: @escaping () -> Bool, take: @escaping ([UInt8], Range<Int>) -> Int,
        pumpLater: @escaping () -> Void
    ) {
        self.loop = loop
        self.hasRoom = hasRoom
        self.take = take
        self.pumpLater = pumpLater
        pump()
    }

    /// Moves what can be moved, and then watches the descriptor or stops watching it. On the loop's thread.
    func pump() {
        handOver()
        guard wantsToRead else { return stopWatching() }
        startWatching()
        if isPollable { return }
        // A file is always ready: read at once to its end, it would keep the loop from everything else.
        readOnce()
        pumpLater()
    }

    private var wantsToRead: Bool {
        if hasEnded { return false }
        if onCommand != nil && isPollable { return true }
        return pending.isEmpty && hasRoom()
    }

    private func handOver() {
        guard !pending.isEmpty else { return }
        pendingStart += take(pending, pendingStart..<pending.count)
        if pendingStart == pending.count {
            pending.removeAll(keepingCapacity: true)
            pendingStart = 0
        }
    }

    private func startWatching() {
        guard !isWatching, isPollable, let loop else { return }
        do throws(Errno) {
            try loop.add(descriptor.rawValue, .readable) { [self] in
                readOnce()
                pump()
            }
            isWatching = true
        } catch {
            // EPERM: a regular file or /dev/null, which never makes a reader wait.
            isPollable = false
        }
    }

    private func stopWatching() {
        guard isWatching, let loop else { return }
        loop.remove(descriptor.rawValue)
        isWatching = false
    }

    /// The end of the input, and an error such as a terminal's hang-up, end the reading and nothing else.
    private func readOnce() {
        scratch.removeAll(keepingCapacity: true)
        do throws(Errno) {
            if try descriptor.read(count: ConsoleInput.readSize, appendingTo: &scratch) == 0 { hasEnded = true }
        } catch {
            hasEnded = error != .interrupted && error != .wouldBlock
        }
        guard let onCommand else {
            pending.append(contentsOf: scratch)
            return
        }
        for byte in scratch {
            if let command = filter.filter(byte, into: &pending) { onCommand(command) }
        }
        let excess = pending.count - pendingStart - ConsoleInput.terminalLimit
        if excess > 0 { pending.removeLast(excess) }
    }
}
