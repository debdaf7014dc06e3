// Why a file is not a kernel that Apus can start.

/// What is wrong with a kernel image.
public enum KernelError: Error, Equatable {
    /// What of an image is incomplete.
    public enum Part: Equatable, Sendable {
        case elfHeader
        case programHeaders
        /// The contents of the n-th program header, from 0.
        case segment(Int)
        case setupHeader
        /// The part of a bzImage that runs in protected or long mode.
        case compressedKernel
    }

    /// A field whose value contradicts the format.
    public enum Field: Equatable, Sendable {
        case elfVersion, programHeaderSize
        /// More PT_LOAD segments than `ELFKernel.maximumSegments`.
        case segmentCount
        /// p_filesz greater than p_memsz, or an end that wraps.
        case segmentSize
        case setupHeaderLength, kernelAlignment
    }

    /// Not a matter of its contents.
    case file(BootFileError)
    /// The file has `size` bytes, and `part` ends at `needed`.
    case truncated(Part, size: UInt64, needed: UInt64)
    case is32Bit
    /// An ELF file for another processor (e_machine).
    case notX86(machine: UInt16)
    case noLoadableSegments
    /// The entry point lies in no segment.
    case entryOutsideSegments(UInt64)
    case overlappingSegments
    /// A segment at an address below 1 MiB, where boot parameters are.
    case belowOneMegabyte(UInt64)
    /// A boot protocol before 2.12, as 0x0MNN: those know no 64-bit entry.
    case protocolTooOld(UInt16)
    /// A bzImage without XLF_KERNEL_64.
    case no64BitEntry
    /// The kernel reaches to `needed`, RAM below the hole only to `available`, in bytes.
    case largerThanMemory(needed: UInt64, available: UInt64)
    case malformed(Field)
    /// Something else than a kernel for this machine.
    case unsupported(ForeignFormat)
}
