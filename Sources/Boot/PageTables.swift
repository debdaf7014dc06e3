// The page tables of a long-mode entry: an identity map in 2 MiB pages (Intel SDM volume 3, 4.5).

public import GuestMemory

/// The boot page tables.
public enum PageTables {
    /// Present and writable.
    private static var table: UInt64 { 0x3 }
    /// Present, writable, and a page of its own (PS).
    private static var largePage: UInt64 { 0x83 }
    private static var gibibyte: UInt64 { 1 << 30 }

    /// Writes tables that map every address below `end` to itself, in whole GiB, at most four.
    ///
    /// The 64-bit boot protocol asks for the kernel (with its init_size), the zero page and the command line; Linux
    /// maps the rest, the initrd too, by itself. That is one GiB for any usual kernel: three pages to touch instead
    /// of six.
    public static func write(to memory: GuestMemory, covering end: GuestAddress) throws(GuestMemoryError) {
        let gibibytes = min(max((end.rawValue >> 30) + (end.rawValue & (gibibyte - 1) == 0 ? 0 : 1), 1), 4)
        let root = Layout.pageTables.rawValue
        let pointers = root + 0x1000
        let directories = root + 0x2000
        try memory.write(pointers | table, at: GuestAddress(root))
        for index in 0..<gibibytes {
            let directory = directories + index * 0x1000
            try memory.write(directory | table, at: GuestAddress(pointers + index * 8))
            for entry in 0..<512 as Range<UInt64> {
                let page = index * gibibyte + entry << 21
                try memory.write(page | largePage, at: GuestAddress(directory + entry * 8))
            }
        }
    }
}
