// What a driver learns of the disk before it uses it (virtio 1.2, 5.2.3 and 5.2.4).

import Virtio

extension VirtioFeatures {
    /// VIRTIO_BLK_F_*.
    static var blockSegmentMaximum: VirtioFeatures { VirtioFeatures(bit: 2) }
    static var blockReadOnly: VirtioFeatures { VirtioFeatures(bit: 5) }
    static var blockSize: VirtioFeatures { VirtioFeatures(bit: 6) }
    static var blockFlush: VirtioFeatures { VirtioFeatures(bit: 9) }
    static var blockDiscard: VirtioFeatures { VirtioFeatures(bit: 13) }
    static var blockWriteZeroes: VirtioFeatures { VirtioFeatures(bit: 14) }

    static func block(readOnly: Bool) -> VirtioFeatures {
        let always: VirtioFeatures = [.blockSegmentMaximum, .blockSize, .blockFlush]
        return always.union(readOnly ? .blockReadOnly : [.blockDiscard, .blockWriteZeroes])
    }
}

/// The bounds that the device sets itself.
enum BlockLimits {
    static var queueSize: UInt16 { 256 }
    /// Data buffers in a request: what a queue holds, less header and status.
    static var segments: UInt32 { UInt32(queueSize) - 2 }
    /// Ranges in a discard or write-zeroes request.
    static var ranges: UInt32 { 4 }
    /// Sectors in such a range: 32 MiB. Where the host cannot zero a range at once the zeroes are written, and whoever
    /// stops or resets the device waits for one request.
    static var rangeSectors: UInt32 { 1 << 16 }
}

extension ConfigurationSpace {
    /// struct virtio_blk_config.
    static func block(sectorCount: UInt64) -> ConfigurationSpace {
        var space = ConfigurationSpace(count: 60)
        space.set(sectorCount, at: 0)
        space.set(BlockLimits.segments, at: 12)
        space.set(UInt32(512), at: 20)  // blk_size
        space.set(UInt16(1), at: 34)  // num_queues
        space.set(BlockLimits.rangeSectors, at: 36)
        space.set(BlockLimits.ranges, at: 40)
        space.set(UInt32(8), at: 44)  // discard_sector_alignment: a page of the host's file
        space.set(BlockLimits.rangeSectors, at: 48)
        space.set(BlockLimits.ranges, at: 52)
        space.set(UInt8(1), at: 56)  // write_zeroes_may_unmap
        return space
    }
}
