// One line per fault: what it is and what to do.

extension KernelError {
    /// One line for the person who named the file `path`.
    public func message(path: String) -> String { "kernel \(path): \(explanation)" }

    private var explanation: String {
        switch self {
        case .file(let error): return error.message
        case .truncated(let part, let size, let needed):
            return "is truncated in the \(part.name): it has \(size) bytes and needs \(needed); copy or build it again"
        case .is32Bit: return "is a 32-bit kernel; build one for x86-64"
        case .notX86(let machine):
            return "is an ELF file for another processor (e_machine \(machine)); build one for x86-64"
        case .noLoadableSegments: return "is an ELF file with nothing to load (no PT_LOAD); name the linked vmlinux"
        case .entryOutsideSegments(let entry):
            return "has its entry at \(entry.hexadecimal), outside what it loads; name the linked vmlinux"
        case .overlappingSegments: return "has segments that overlap in memory; build it again"
        case .belowOneMegabyte(let address):
            return "wants to be loaded at \(address.hexadecimal); kernels go at 0x100000 or above"
        case .protocolTooOld(let version):
            return "speaks boot protocol \(version >> 8).\(version & 0xFF); 2.12 (Linux 3.8) or later is needed"
        case .no64BitEntry:
            return "has no 64-bit entry (XLF_KERNEL_64); build it with CONFIG_64BIT, or name its vmlinux"
        case .largerThanMemory(let needed, let available):
            return "needs memory up to \(mebibytes(needed)) MiB and the guest's ends at "
                + "\(available >> 20) MiB; give it more --memory"
        case .malformed(let field): return "has a header that makes no sense (\(field.name)); copy or build it again"
        case .unsupported(let format): return format.explanation
        }
    }

    /// Rounded up without wrapping, so that what is asked for is enough.
    private func mebibytes(_ bytes: UInt64) -> UInt64 { (bytes >> 20) + (bytes & 0xF_FFFF == 0 ? 0 : 1) }
}

extension KernelError.Part {
    var name: String {
        switch self {
        case .elfHeader: return "ELF header"
        case .programHeaders: return "program headers"
        case .segment(let index): return "segment of program header \(index)"
        case .setupHeader: return "setup header"
        case .compressedKernel: return "compressed kernel"
        }
    }
}

extension KernelError.Field {
    var name: String {
        switch self {
        case .elfVersion: return "e_version"
        case .programHeaderSize: return "e_phentsize"
        case .segmentCount: return "too many PT_LOAD segments"
        case .segmentSize: return "p_memsz"
        case .setupHeaderLength: return "setup header length"
        case .kernelAlignment: return "kernel_alignment"
        }
    }
}
