import Foundation
import Testing

@testable import Machine

@Suite struct ProbeTests {
    @Test(
        arguments: [
            (0, 100, "hardware"), (3, 65_000, "software"), (0, 65_000, "software"), (3, 100, "software"),
        ] as [(UInt32, UInt64, String)])
    func judgesByWhatTheGuestShowed(level: UInt32, hundredths: UInt64, state: String) {
        let probe = HostProbe.measured(
            .init(syscallLevel: level, exitNanoseconds: 8_670, instructionHundredths: hundredths))
        #expect(probe.lines.first == "state=\(state)")
        #expect(probe.lines.contains("exit_us=8.67"))
        #expect(probe.lines.contains("syscall_cpl=\(level)"))
    }

    @Test func saysWhatIsMissing() {
        #expect(HostProbe.absent.lines == ["state=absent"])
        #expect(HostProbe.forbidden(group: 104).lines == ["state=forbidden", "group=104"])
        #expect(HostProbe.tooOld.lines == ["state=old"])
    }
}
