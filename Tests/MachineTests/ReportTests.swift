import Foundation
import Testing

@testable import Machine

@Suite struct ReportTests {
    private func report(_ outcome: Outcome) throws -> [String: Any] {
        let timeline = Timeline(zero: 0)
        timeline.mark(.vmmStart)
        timeline.mark(.exit)
        var exits = ExitCounts()
        exits.count(.mmioWrite)
        let report = Report(
            outcome: outcome, timeline: timeline, exits: exits, guestBytes: 128 << 20, privateBytes: nil, cpuCount: 4)
        return try #require(try JSONSerialization.jsonObject(with: Data(report.json)) as? [String: Any])
    }

    @Test func isOneObjectWithAllItsKeys() throws {
        let object = try report(.shutdown)

        #expect(Set(object.keys) == ["outcome", "timeline_us", "exits", "memory", "cpus"])
        let timeline = try #require(object["timeline_us"] as? [String: Any])
        #expect(
            Set(timeline.keys) == [
                "vmm_start", "vm_created", "memory_ready", "kernel_loaded", "first_run", "guest_ready", "exit",
            ])
        #expect(timeline["guest_ready"] is NSNull)
        let start = try #require(timeline["vmm_start"] as? UInt64)
        let end = try #require(timeline["exit"] as? UInt64)
        #expect(start > 0)
        #expect(start <= end)
        let exits = try #require(object["exits"] as? [String: UInt64])
        #expect(exits["mmio_write"] == 1)
        #expect(exits["io_in"] == 0)
        let memory = try #require(object["memory"] as? [String: Any])
        #expect(memory["guest_bytes"] as? UInt64 == 128 << 20)
        #expect(memory["vmm_private_bytes"] is NSNull)
        #expect(object["cpus"] as? Int == 4)
    }

    @Test(
        arguments: [
            (.shutdown, "shutdown", 0), (.reset, "reset", 0), (.panic, "panic", 3), (.tripleFault, "triple-fault", 3),
            (.timeout, "timeout", 124), (.signal(15), "signal", 143), (.signal(0), "signal", 0),
            (.failure("x"), "failure", 1), (.failedSelfTest, "self-test-failed", 1),
        ] as [(Outcome, String, Int32)])
    func namesOutcomesAndTheirExitStatus(outcome: Outcome, name: String, status: Int32) throws {
        #expect(try report(outcome)["outcome"] as? String == name)
        #expect(outcome.exitStatus == status)
    }

    @Test func keepsTheFirstTimeOfAMilestone() {
        let timeline = Timeline(zero: 0)
        timeline.mark(.guestReady)
        let first = timeline.microseconds(to: .guestReady)

        timeline.mark(.guestReady)

        #expect(timeline.microseconds(to: .guestReady) == first)
        #expect(timeline.microseconds(to: .exit) == nil)
    }

    @Test func aPipeThatNobodyReadsIsRefused() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("apus-\(UUID())").path
        try #require(mkfifo(path, 0o600) == 0)
        defer { unlink(path) }
        #expect(throws: MachineError.self) { try ReportFile(path: path) }
    }

    @Test func countsNothingBeforeItsZero() {
        let timeline = Timeline(zero: .max)
        timeline.mark(.vmmStart)
        #expect(timeline.microseconds(to: .vmmStart) == 0)
    }
}
