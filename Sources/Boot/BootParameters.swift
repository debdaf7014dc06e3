// The zero page: all that a loader tells a Linux kernel (struct boot_params, asm/bootparam.h; zero-page.rst).

public import GuestMemory

/// What goes into the zero page.
public struct BootParameters {
    private let kernel: LoadedKernel
    private let initrd: LoadedInitrd?

    public init(kernel: LoadedKernel, initrd: LoadedInitrd?) {
        self.kernel = kernel
        self.initrd = initrd
    }

    /// Writes the zero page. `memory` is fresh: fields that are 0 are not written.
    public func write(to memory: GuestMemory) throws(GuestMemoryError) {
        try memory.writeBytes(kernel.setupHeader, at: field(SetupHeader.start))
        // Nobody set a video mode: leave the mode as it is (VIDEO_CURRENT_MODE is 0x0F04, "normal" 0xFFFF).
        try memory.write(UInt16(0xFFFF), at: field(SetupHeader.videoMode))
        // A loader without an assigned number.
        try memory.write(UInt8(0xFF), at: field(SetupHeader.typeOfLoader))
        try memory.write(UInt32(kernel.start.rawValue), at: field(SetupHeader.code32Start))
        try memory.write(UInt32(Layout.commandLine.rawValue), at: field(SetupHeader.commandLinePointer))
        // All initrds lie below 3 GiB, so the ext_ fields stay 0.
        try memory.write(UInt32(initrd?.start.rawValue ?? 0), at: field(SetupHeader.ramdiskImage))
        try memory.write(UInt32(initrd?.count ?? 0), at: field(SetupHeader.ramdiskSize))
        try writeMemoryMap(to: memory)
    }

    private func writeMemoryMap(to memory: GuestMemory) throws(GuestMemoryError) {
        let entries = MemoryMapEntry.map(of: memory)
        // At most 128 (E820_MAX_ENTRIES_ZEROPAGE); ours are four.
        try memory.write(UInt8(entries.count), at: field(0x1E8))
        for (index, entry) in entries.enumerated() {
            let offset = 0x2D0 + index * 20
            try memory.write(entry.start, at: field(offset))
            try memory.write(entry.count, at: field(offset + 8))
            try memory.write(entry.kind.rawValue, at: field(offset + 16))
        }
    }

    private func field(_ offset: Int) -> GuestAddress {
        GuestAddress(Layout.zeroPage.rawValue + UInt64(offset))
    }
}
