import Testing

@testable import Machine

@Suite struct SmapsTallyTests {
    private let smaps = """
        00400000-00452000 r-xp 00000000 08:02 173521  /usr/bin/apus-vmm
        Rss:                 300 kB
        Private_Clean:        12 kB
        Private_Dirty:         4 kB
        VmFlags: rd ex mr mw me sd
        7f0000000000-7f0008000000 rw-p 00000000 00:00 0
        Private_Clean:         0 kB
        Private_Dirty:     40960 kB
        7f0000800000-7f0000900000 rw-p 00200000 00:1f 7  /tmp/vmlinux
        Private_Clean:       800 kB
        Private_Dirty:       100 kB
        7fff00000000-7fff00021000 rw-p 00000000 00:00 0  [stack]
        Private_Clean:         0 kB
        Private_Dirty:        16 kB

        """

    private func tally(excluding excluded: [Range<UInt64>]) -> UInt64 {
        var tally = SmapsTally(excluded: excluded)
        for byte in smaps.utf8 { tally.consume(byte) }
        return tally.kilobytes
    }

    @Test func addsPrivatePages() {
        #expect(tally(excluding: []) == 12 + 4 + 40960 + 900 + 16)
    }

    @Test func leavesOutEveryMappingInsideGuestMemory() {
        #expect(tally(excluding: [0x7f00_0000_0000..<0x7f00_0800_0000]) == 12 + 4 + 16)
    }
}
