// bzImage: a real-mode stub that we skip, a setup header, and a kernel that decompresses itself
// (Documentation/arch/x86/boot.rst, "64-bit Boot Protocol").

internal import GuestMemory

/// The setup header of a bzImage, checked.
struct BzImage {
    private let setupHeader: [UInt8]
    /// The protected-mode part in the file, in bytes.
    private let fileOffset: UInt64
    private let fileSize: UInt64
    private let preferredAddress: UInt64
    /// What the kernel uses from its load address on until it knows its memory map (`init_size`).
    private let runtimeSize: UInt64
    private let alignment: UInt64
    private let isRelocatable: Bool
    private let initrdLimit: UInt64
    private let commandLineLimit: Int

    /// Whether the file's first bytes are a bzImage's. Kernels with an EFI stub begin with "MZ", so a shorter file
    /// that does is a bzImage cut off rather than anything else.
    static func isRecognised(_ bytes: [UInt8]) -> Bool {
        if bytes.count < SetupHeader.version { return bytes.has("MZ", at: 0) }
        return bytes.has("HdrS", at: SetupHeader.magic)
            && bytes.field(UInt16.self, at: SetupHeader.bootFlag) == 0xAA55
    }

    /// `bytes` is the file's first page or all of it.
    init(_ bytes: [UInt8], size: UInt64) throws(KernelError) {
        guard bytes.count >= SetupHeader.minimumEnd else {
            throw .truncated(.setupHeader, size: size, needed: UInt64(SetupHeader.minimumEnd))
        }
        try BzImage.checkEntry(bytes)
        let headerEnd = SetupHeader.magic + Int(bytes[SetupHeader.jumpDistance])
        guard headerEnd >= SetupHeader.minimumEnd else { throw .malformed(.setupHeaderLength) }
        guard UInt64(headerEnd) <= size else {
            throw .truncated(.setupHeader, size: size, needed: UInt64(headerEnd))
        }
        // A later protocol's header may be longer than the zero page has room for.
        setupHeader = [UInt8](bytes[SetupHeader.start..<min(headerEnd, SetupHeader.maximumEnd)])

        // 0 means 4, says the protocol. Neither sum can overflow: 8 and 36 bits.
        let sectors = bytes[SetupHeader.start] == 0 ? 4 : UInt64(bytes[SetupHeader.start])
        fileOffset = (sectors + 1) * 512
        fileSize = UInt64(bytes.field(UInt32.self, at: SetupHeader.systemSize)) * 16
        // The 64-bit entry is 0x200 bytes in.
        let needed = fileOffset + max(fileSize, 0x201)
        guard fileSize > 0x200, needed <= size else {
            throw .truncated(.compressedKernel, size: size, needed: needed)
        }

        preferredAddress = bytes.field(UInt64.self, at: SetupHeader.preferredAddress)
        runtimeSize = max(UInt64(bytes.field(UInt32.self, at: SetupHeader.initializationSize)), fileSize)
        alignment = UInt64(bytes.field(UInt32.self, at: SetupHeader.kernelAlignment))
        isRelocatable = bytes[SetupHeader.relocatableKernel] != 0
        // A power of two of at least a page; the decompressor's page tables need that much.
        guard alignment >= 4096, alignment & (alignment - 1) == 0 else { throw .malformed(.kernelAlignment) }
        initrdLimit = UInt64(bytes.field(UInt32.self, at: SetupHeader.initrdAddressMaximum)) + 1
        commandLineLimit = Int(bytes.field(UInt32.self, at: SetupHeader.commandLineSize))
    }

    private static func checkEntry(_ bytes: [UInt8]) throws(KernelError) {
        let version = bytes.field(UInt16.self, at: SetupHeader.version)
        guard bytes[SetupHeader.loadFlags] & 1 != 0 else { throw .unsupported(.zImage) }  // LOADED_HIGH
        guard version >= 0x020C else { throw .protocolTooOld(version) }
        let flags = bytes.field(UInt16.self, at: SetupHeader.extendedLoadFlags)
        guard flags & 1 != 0 else { throw .no64BitEntry }  // XLF_KERNEL_64
    }

    /// Where the kernel runs without moving itself first: at `pref_address`, or, if that is not in RAM and the kernel
    /// can run anywhere, as low as its alignment allows.
    private func loadAddress(lowEnd: UInt64) throws(KernelError) -> UInt64 {
        let lowest = Layout.highMemory.rawValue
        let (preferredEnd, wraps) = preferredAddress.addingReportingOverflow(runtimeSize)
        if preferredAddress >= lowest, !wraps, preferredEnd <= lowEnd { return preferredAddress }
        guard isRelocatable else {
            guard preferredAddress >= lowest else { throw .belowOneMegabyte(preferredAddress) }
            throw .largerThanMemory(needed: wraps ? .max : preferredEnd, available: lowEnd)
        }
        // Neither wraps: the alignment has 31 bits and the size 36.
        let address = (lowest + alignment - 1) & ~(alignment - 1)
        guard address + runtimeSize <= lowEnd else {
            throw .largerThanMemory(needed: address + runtimeSize, available: lowEnd)
        }
        return address
    }

    /// Lays the protected-mode part into `memory`.
    func load(
        _ file: borrowing BootFile, into memory: GuestMemory, strategy: LoadStrategy
    ) throws(KernelError) -> LoadedKernel {
        let address = try loadAddress(lowEnd: memory.lowEnd)
        do throws(BootFileError) {
            try file.load(
                offset: fileOffset, count: fileSize, into: memory, at: GuestAddress(address), strategy: strategy)
        } catch { throw .file(error) }
        return LoadedKernel(
            entry: GuestAddress(address + 0x200), start: GuestAddress(address),
            end: GuestAddress(address + runtimeSize), setupHeader: setupHeader, initrdLimit: initrdLimit,
            commandLineLimit: commandLineLimit)
    }
}
