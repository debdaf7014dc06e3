// ELF64 executables for x86-64: a kernel as the linker left it (System V ABI, chapters 4 and 5; elf.h).

internal import GuestMemory

/// The headers of an ELF kernel.
struct ELFKernel {
    /// One PT_LOAD program header: its bounds are checked and do not wrap.
    struct Segment {
        let fileOffset: UInt64
        let fileSize: UInt64
        let address: UInt64
        let memorySize: UInt64

        var end: UInt64 { address + memorySize }
    }

    /// Kernels have about five. A limit, so that a hostile file costs no time.
    static var maximumSegments: Int { 64 }
    private static var headerSize: Int { 64 }
    private static var programHeaderSize: Int { 56 }

    let entry: UInt64
    let segments: [Segment]

    /// Reads the headers. `start` is the file's first page or all of it.
    init(_ start: [UInt8], _ file: borrowing BootFile) throws(KernelError) {
        try ELFKernel.checkIdentity(start, size: file.size)
        entry = start.field(UInt64.self, at: 24)
        let headers = try ELFKernel.programHeaders(start, file)
        var segments: [Segment] = []
        for index in 0..<headers.count / ELFKernel.programHeaderSize {
            let base = index * ELFKernel.programHeaderSize
            switch headers.field(UInt32.self, at: base) {
            case 1:  // PT_LOAD
                // An empty segment says nothing, wherever it claims to be.
                guard headers.field(UInt64.self, at: base + 40) > 0 else { continue }
                guard segments.count < ELFKernel.maximumSegments else { throw .malformed(.segmentCount) }
                segments.append(try Segment(headers, at: base, index: index, fileSize: file.size))
            case 3:  // PT_INTERP
                throw .unsupported(.elfProgram)
            default: break
            }
        }
        guard !segments.isEmpty else { throw .noLoadableSegments }
        self.segments = segments
        try checkPlacement()
    }

    /// Everything in the ELF header that says whether this is for us.
    private static func checkIdentity(_ header: [UInt8], size: UInt64) throws(KernelError) {
        // The class says how long the header is, so it comes first.
        guard header.count > 5 else { throw .truncated(.elfHeader, size: size, needed: UInt64(headerSize)) }
        if header[4] == 1 { throw .is32Bit }  // ELFCLASS32
        guard header.count >= headerSize else { throw .truncated(.elfHeader, size: size, needed: UInt64(headerSize)) }
        let machine = header.field(UInt16.self, at: 18)
        // ELFDATA2LSB and EM_X86_64; a big-endian file's machine reads swapped, and is another processor's anyway.
        guard header[5] == 1, machine == 62 else {
            throw .notX86(machine: header[5] == 2 ? machine.byteSwapped : machine)
        }
        guard header[4] == 2, header[6] == 1 else { throw .malformed(.elfVersion) }
        switch header.field(UInt16.self, at: 16) {
        case 2: break  // ET_EXEC
        case 1: throw .unsupported(.elfRelocatable)
        case 3: throw .unsupported(.elfSharedObject)
        default: throw .unsupported(.elfOther)
        }
    }

    /// The program header table, whole.
    private static func programHeaders(
        _ start: [UInt8], _ file: borrowing BootFile
    ) throws(KernelError) -> [UInt8] {
        let offset = start.field(UInt64.self, at: 32)
        let count = Int(start.field(UInt16.self, at: 56)) * programHeaderSize
        guard count > 0 else { throw .noLoadableSegments }
        guard start.field(UInt16.self, at: 54) == UInt16(programHeaderSize) else {
            throw .malformed(.programHeaderSize)
        }
        let (end, wraps) = offset.addingReportingOverflow(UInt64(count))
        guard !wraps, end <= file.size else {
            throw .truncated(.programHeaders, size: file.size, needed: wraps ? .max : end)
        }
        if end <= UInt64(start.count) { return [UInt8](start[Int(offset)..<Int(end)]) }
        let headers: [UInt8]
        do throws(BootFileError) { headers = try file.read(count: count, at: offset) } catch { throw .file(error) }
        return headers
    }

    /// Where the segments lie against each other, against the boot parameters and against the entry.
    private func checkPlacement() throws(KernelError) {
        for (index, segment) in segments.enumerated() {
            guard segment.address >= Layout.highMemory.rawValue else { throw .belowOneMegabyte(segment.address) }
            for other in segments[..<index] where segment.address < other.end && other.address < segment.end {
                throw .overlappingSegments
            }
        }
        for segment in segments where entry >= segment.address && entry < segment.end { return }
        throw .entryOutsideSegments(entry)
    }

    /// Lays all segments into `memory`.
    func load(
        _ file: borrowing BootFile, into memory: GuestMemory, strategy: LoadStrategy
    ) throws(KernelError) -> LoadedKernel {
        var start = UInt64.max
        var end: UInt64 = 0
        for segment in segments {
            start = min(start, segment.address)
            end = max(end, segment.end)
        }
        guard end <= memory.lowEnd else { throw .largerThanMemory(needed: end, available: memory.lowEnd) }
        for segment in segments {
            do throws(BootFileError) {
                try file.load(
                    offset: segment.fileOffset, count: segment.fileSize, into: memory,
                    at: GuestAddress(segment.address), strategy: strategy)
            } catch { throw .file(error) }
        }
        return LoadedKernel(
            entry: GuestAddress(entry), start: GuestAddress(start), end: GuestAddress(end),
            setupHeader: SetupHeader.ofUncompressedKernel,
            // Without a header to say less, a 64-bit kernel takes an initrd anywhere.
            initrdLimit: Layout.holeStart,
            // COMMAND_LINE_SIZE - 1, arch/x86/include/asm/setup.h.
            commandLineLimit: 2047)
    }
}

extension ELFKernel.Segment {
    /// Reads the program header at `base`, which is number `index` of a file of `fileSize` bytes.
    fileprivate init(_ headers: [UInt8], at base: Int, index: Int, fileSize size: UInt64) throws(KernelError) {
        fileOffset = headers.field(UInt64.self, at: base + 8)
        address = headers.field(UInt64.self, at: base + 24)
        fileSize = headers.field(UInt64.self, at: base + 32)
        memorySize = headers.field(UInt64.self, at: base + 40)
        let (end, wraps) = fileOffset.addingReportingOverflow(fileSize)
        guard !wraps, end <= size else {
            throw .truncated(.segment(index), size: size, needed: wraps ? .max : end)
        }
        guard fileSize <= memorySize, !address.addingReportingOverflow(memorySize).overflow else {
            throw .malformed(.segmentSize)
        }
    }
}
