// The block device's requests (virtio 1.2, 5.2.6): 16 bytes of header, data, one byte of status.

/// VIRTIO_BLK_T_* (linux/virtio_blk.h).
enum BlockRequestType {
    static var read: UInt32 { 0 }
    static var write: UInt32 { 1 }
    static var flush: UInt32 { 4 }
    static var identify: UInt32 { 8 }
    static var discard: UInt32 { 11 }
    static var writeZeroes: UInt32 { 13 }
}

/// VIRTIO_BLK_S_*.
enum BlockStatus: UInt8 {
    case ok = 0
    case inputOutputError = 1
    case unsupported = 2
}

/// struct virtio_blk_discard_write_zeroes: a range of sectors and what to do with it.
struct BlockRange {
    static var size: UInt64 { 16 }

    let sector: UInt64
    let sectorCount: UInt32
    let flags: UInt32

    /// VIRTIO_BLK_WRITE_ZEROES_FLAG_UNMAP: the space may be given back.
    static var unmap: UInt32 { 1 }
}
