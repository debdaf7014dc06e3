// Headers of random damage: each is refused or loads inside memory, and none stops the program.

import GuestMemory
import Testing

@testable import Boot

/// SplitMix64: the same damage in every run.
private struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

@Suite struct MutationTests {
    /// Values on which arithmetic breaks.
    private static let edges: [UInt64] = [
        0, 1, 0xFFF, 0x1000, 0xF_FFFF, 0x10_0000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 1 << 32, 1 << 63, .max - 4095,
        .max - 1, .max,
    ]

    private func damage(_ bytes: [UInt8], in range: Range<Int>, _ generator: inout Generator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            let offset = Int.random(in: range, using: &generator)
            let value =
                Bool.random(using: &generator)
                ? MutationTests.edges.randomElement(using: &generator)!
                : UInt64.random(in: 0...UInt64.max, using: &generator)
            let width = [1, 2, 4, 8].randomElement(using: &generator)!
            for index in 0..<width where offset + index < range.upperBound {
                bytes[offset + index] = UInt8(truncatingIfNeeded: value >> UInt64(index * 8))
            }
        }
        return bytes
    }

    /// Loads, and runs all that follows from the kernel. Returns false for a kernel outside memory.
    private func isHarmless(_ bytes: [UInt8]) throws -> Bool {
        let memory = try makeMemory(64 << 20)
        let file = try TemporaryFile(bytes)
        let kernel: LoadedKernel
        do throws(KernelError) {
            kernel = try KernelImage.open(file.path).load(into: memory)
        } catch { return !error.message(path: "k").isEmpty }
        try BootParameters(kernel: kernel, initrd: nil).write(to: memory)
        try PageTables.write(to: memory, covering: kernel.end)
        return kernel.start.rawValue >= 0x10_0000 && kernel.end.rawValue <= 64 << 20
            && kernel.entry >= kernel.start && kernel.entry < kernel.end
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func damagedELFHeadersAreHarmless(seed: UInt64) throws {
        var generator = Generator(state: seed)
        let bytes = SyntheticELF.small.bytes
        for _ in 0..<300 { #expect(try isHarmless(damage(bytes, in: 4..<176, &generator))) }
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func damagedSetupHeadersAreHarmless(seed: UInt64) throws {
        var generator = Generator(state: seed)
        let bytes = SyntheticBzImage(payload: pattern(0x210)).bytes
        for _ in 0..<300 { #expect(try isHarmless(damage(bytes, in: 0x1F1..<0x26C, &generator))) }
    }
}
