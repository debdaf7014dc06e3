// Executing one request (virtio 1.2, 5.2.6). The chain is gathered: its readable part is header and data to write, its
// writable part is data read and, as the very last byte, the status.

import GuestMemory
import Host
import Virtio

extension BlockDevice {
    /// How a request ended: its status, and how many bytes of data the guest got.
    private struct Outcome {
        let status: BlockStatus
        var dataCount: UInt64 = 0

        static var ok: Outcome { Outcome(status: .ok) }
        static var inputOutputError: Outcome { Outcome(status: .inputOutputError) }
        static var unsupported: Outcome { Outcome(status: .unsupported) }
    }

    private static var headerSize: UInt64 { 16 }

    /// Executes the gathered request. Returns the bytes written to the guest.
    /// - Throws: `malformedRequest` without a whole header or a writable byte: there is nowhere to say what is wrong.
    func executeRequest() throws(VirtqueueError) -> UInt32 {
        guard buffers.writable.count > 0,
            let type = try buffers.readable.load(UInt32.self, at: 0),
            let sector = try buffers.readable.load(UInt64.self, at: 8)
        else { throw .malformedRequest }
        let outcome = try execute(type, at: sector)
        try buffers.writable.storeByte(outcome.status.rawValue, at: buffers.writable.count - 1)
        return UInt32(clamping: outcome.dataCount + 1)
    }

    private func execute(_ type: UInt32, at sector: UInt64) throws(VirtqueueError) -> Outcome {
        switch type {
        case BlockRequestType.read: try read(at: sector)
        case BlockRequestType.write: try write(at: sector)
        case BlockRequestType.flush where acceptedFeatures.contains(.blockFlush): flush()
        case BlockRequestType.identify: try identify()
        case BlockRequestType.discard where acceptedFeatures.contains(.blockDiscard):
            try executeRanges(knownFlags: 0) { (backend, offset, length, _) throws(Errno) in
                try backend.discard(at: offset, length: length)
            }
        case BlockRequestType.writeZeroes where acceptedFeatures.contains(.blockWriteZeroes):
            try executeRanges(knownFlags: BlockRange.unmap) { (backend, offset, length, flags) throws(Errno) in
                let keepsSpace = flags & BlockRange.unmap == 0
                try backend.writeZeroes(at: offset, length: length, keepingSpace: keepsSpace)
            }
        default: .unsupported
        }
    }

    private func read(at sector: UInt64) throws(VirtqueueError) -> Outcome {
        let length = buffers.writable.count - 1
        guard let offset = byteOffset(of: sector, length: length) else { return .inputOutputError }
        vector.removeAll()
        try buffers.writable.append(from: 0, length: length, to: &vector)
        do throws(Errno) {
            let count = try backend.read(into: &vector, at: offset)
            return Outcome(status: count == length ? .ok : .inputOutputError, dataCount: count)
        } catch { return .inputOutputError }
    }

    private func write(at sector: UInt64) throws(VirtqueueError) -> Outcome {
        let length = buffers.readable.count - BlockDevice.headerSize
        guard !backend.isReadOnly, let offset = byteOffset(of: sector, length: length) else {
            return .inputOutputError
        }
        vector.removeAll()
        try buffers.readable.append(from: BlockDevice.headerSize, length: length, to: &vector)
        do throws(Errno) {
            guard try backend.write(from: &vector, at: offset) == length else { return .inputOutputError }
            try settle()
            return .ok
        } catch { return .inputOutputError }
    }

    private func flush() -> Outcome {
        do throws(Errno) {
            try backend.flush()
            return .ok
        } catch { return .inputOutputError }
    }

    /// A driver that did not accept VIRTIO_BLK_F_FLUSH takes a completed write for a durable one (5.2.6.2).
    private func settle() throws(Errno) {
        if !acceptedFeatures.contains(.blockFlush) { try backend.flush() }
    }

    private func identify() throws(VirtqueueError) -> Outcome {
        guard buffers.writable.count - 1 >= UInt64(identifier.count) else { return .inputOutputError }
        let count = try buffers.writable.store(identifier, in: 0..<identifier.count, at: 0)
        return Outcome(status: .ok, dataCount: UInt64(count))
    }

    /// Reads all ranges of a discard or write-zeroes request, checks their copies, and only then executes them.
    private func executeRanges(
        knownFlags: UInt32,
        _ body: (BlockBackend, _ offset: UInt64, _ length: UInt64, _ flags: UInt32) throws(Errno) -> Void
    ) throws(VirtqueueError) -> Outcome {
        guard !backend.isReadOnly, try gatherRanges() else { return .inputOutputError }
        for range in ranges where range.flags & ~knownFlags != 0 { return .unsupported }
        for range in ranges {
            let length = UInt64(range.sectorCount) * BlockBackend.sectorSize
            guard range.sectorCount <= BlockLimits.rangeSectors, byteOffset(of: range.sector, length: length) != nil
            else { return .inputOutputError }
        }
        do throws(Errno) {
            for range in ranges where range.sectorCount > 0 {
                try body(
                    backend, range.sector * BlockBackend.sectorSize,
                    UInt64(range.sectorCount) * BlockBackend.sectorSize, range.flags)
            }
            try settle()
            return .ok
        } catch { return error == .notSupported ? .unsupported : .inputOutputError }
    }

    /// Returns false where the data is no whole number of ranges, or of more than the device allows.
    private func gatherRanges() throws(VirtqueueError) -> Bool {
        ranges.removeAll(keepingCapacity: true)
        let length = buffers.readable.count - BlockDevice.headerSize
        guard length > 0, length % BlockRange.size == 0, length / BlockRange.size <= BlockLimits.ranges else {
            return false
        }
        for offset in stride(from: BlockDevice.headerSize, to: buffers.readable.count, by: Int(BlockRange.size)) {
            guard let sector = try buffers.readable.load(UInt64.self, at: offset),
                let sectorCount = try buffers.readable.load(UInt32.self, at: offset + 8),
                let flags = try buffers.readable.load(UInt32.self, at: offset + 12)
            else { return false }
            ranges.append(BlockRange(sector: sector, sectorCount: sectorCount, flags: flags))
        }
        return true
    }

    /// Where a request starts in the file, or nil where it is not whole sectors or passes the disk's end.
    private func byteOffset(of sector: UInt64, length: UInt64) -> UInt64? {
        let sectors = length / BlockBackend.sectorSize
        guard length % BlockBackend.sectorSize == 0, sector <= backend.sectorCount,
            sectors <= backend.sectorCount - sector
        else { return nil }
        return sector * BlockBackend.sectorSize
    }
}
