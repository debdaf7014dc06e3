// Model-specific registers that firmware would have set before it starts an operating system.

/// A model-specific register and its value.
public struct BootMSR: Equatable, Sendable {
    public let index: UInt32
    public let value: UInt64
}

extension BootMSR {
    /// What every processor starts a kernel with.
    public static var longMode: [BootMSR] {
        [
            // IA32_MISC_ENABLE: fast strings (bit 0; Intel SDM volume 4, table 2-2).
            BootMSR(index: 0x1A0, value: 1),
            // IA32_MTRR_DEF_TYPE: MTRRs enabled (bit 11), all memory write-back (6): a kernel that finds them disabled
            // takes memory for uncached, or does without its page attribute table (volume 3, 12.11.2.1).
            BootMSR(index: 0x2FF, value: 1 << 11 | 6),
        ]
    }
}
