// `apus doctor --json`: the diagnosis as one object. `apus doctor --help` documents the keys.

import FoundationEssentials

extension Diagnosis: Encodable {
    private enum CodingKeys: String, CodingKey {
        case device, state, summary, detail, group, advice
        case linuxGuests = "linux_guests"
        case apiVersion = "api_version"
        case instructionNanoseconds = "instruction_ns"
        case exitMicroseconds = "exit_us"
        case syscallPrivilegeLevel = "syscall_cpl"
    }

    /// Every key is always there; what the probe could not tell is null.
    func encode(to encoder: any Encoder) throws {
        var object = encoder.container(keyedBy: CodingKeys.self)
        try object.encode(Self.device, forKey: .device)
        try object.encode(probe.state.rawValue, forKey: .state)
        try object.encode(probe.canRunLinux, forKey: .linuxGuests)
        try object.encode(probe.apiVersion, forKey: .apiVersion)
        try object.encode(probe.instructionNanoseconds, forKey: .instructionNanoseconds)
        try object.encode(probe.exitMicroseconds, forKey: .exitMicroseconds)
        try object.encode(probe.syscallPrivilegeLevel, forKey: .syscallPrivilegeLevel)
        try object.encode(probe.detail, forKey: .detail)
        try object.encode(probe.group, forKey: .group)
        try object.encode(summary, forKey: .summary)
        try object.encode(advice, forKey: .advice)
    }

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    }
}
