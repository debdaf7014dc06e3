// Kernels of no use but to be loaded.

import GuestMemory

@testable import Boot

/// An ELF64 executable; program headers at 64, then the segments' contents, each at its offset.
struct SyntheticELF {
    struct Segment {
        var type: UInt32 = 1
        var offset: Int
        var address: UInt64
        var contents: [UInt8]
        var memorySize: UInt64
    }

    var entry: UInt64
    var segments: [Segment]

    /// One segment at 1 MiB, page-congruent, with .bss.
    static var simple: SyntheticELF {
        SyntheticELF(
            entry: 0x10_0010,
            segments: [
                Segment(offset: 0x1000, address: 0x10_0000, contents: pattern(0x2345), memorySize: 0x4000)
            ])
    }

    /// A file of a few hundred bytes with two segments.
    static var small: SyntheticELF {
        SyntheticELF(
            entry: 0x20_0000,
            segments: [
                Segment(offset: 176, address: 0x20_0000, contents: pattern(60), memorySize: 60),
                Segment(offset: 236, address: 0x30_0000, contents: pattern(20), memorySize: 400),
            ])
    }

    var bytes: [UInt8] {
        var bytes = [UInt8](repeating: 0xEE, count: segments.map { $0.offset + $0.contents.count }.max() ?? 64)
        bytes.replaceSubrange(0..<64, with: [UInt8](repeating: 0, count: 64))
        bytes.replaceSubrange(0..<7, with: [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1])
        bytes.set(UInt16(2), at: 16)
        bytes.set(UInt16(62), at: 18)
        bytes.set(UInt32(1), at: 20)
        bytes.set(entry, at: 24)
        bytes.set(UInt64(64), at: 32)
        bytes.set(UInt16(64), at: 52)
        bytes.set(UInt16(56), at: 54)
        bytes.set(UInt16(segments.count), at: 56)
        for (index, segment) in segments.enumerated() {
            let base = 64 + index * 56
            bytes.set(segment.type, at: base)
            bytes.set(UInt64(segment.offset), at: base + 8)
            bytes.set(segment.address, at: base + 24)
            bytes.set(UInt64(segment.contents.count), at: base + 32)
            bytes.set(segment.memorySize, at: base + 40)
            bytes.replaceSubrange(
                segment.offset..<segment.offset + segment.contents.count, with: segment.contents)
        }
        return bytes
    }
}

/// A bzImage with a payload of bytes.
struct SyntheticBzImage {
    var setupSectors: UInt8 = 1
    var payload = pattern(0x3010)
    var preferredAddress: UInt64 = 0x100_0000
    var initializationSize: UInt32 = 0x8000
    var alignment: UInt32 = 0x20_0000
    var isRelocatable = true
    /// From `magic` on.
    var headerLength: UInt8 = 0x6A

    var payloadOffset: Int { (Int(setupSectors == 0 ? 4 : setupSectors) + 1) * 512 }

    var bytes: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: payloadOffset) + payload
        bytes[0x1F1] = setupSectors
        bytes.set(UInt32(payload.count / 16), at: 0x1F4)
        bytes.set(UInt16(0xAA55), at: 0x1FE)
        bytes[0x200] = 0xEB
        bytes[0x201] = headerLength
        bytes.replaceSubrange(0x202..<0x206, with: "HdrS".utf8)
        bytes.set(UInt16(0x20F), at: 0x206)
        bytes[0x211] = 1
        bytes.set(UInt32(0x7FFF_FFFF), at: 0x22C)
        bytes.set(alignment, at: 0x230)
        bytes[0x234] = isRelocatable ? 1 : 0
        bytes.set(UInt16(1), at: 0x236)
        bytes.set(UInt32(2047), at: 0x238)
        bytes.set(preferredAddress, at: 0x258)
        bytes.set(initializationSize, at: 0x260)
        return bytes
    }
}

/// What is loaded where no test is about loading: 1 MiB at 16 MiB.
let someKernel = LoadedKernel(
    entry: GuestAddress(0x100_0200), start: GuestAddress(0x100_0000), end: GuestAddress(0x110_0000),
    setupHeader: SetupHeader.ofUncompressedKernel, initrdLimit: 0x8000_0000, commandLineLimit: 2047)
