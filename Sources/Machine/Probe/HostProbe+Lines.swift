// The probe's answer as `key=value` lines, which `apus doctor` reads.

extension HostProbe {
    public var lines: [String] {
        switch self {
        case .absent: ["state=absent"]
        case .forbidden(let group): ["state=forbidden", "group=" + String(group)]
        case .tooOld: ["state=old"]
        case .broken(let detail): ["state=broken", "detail=" + detail]
        case .measured(let reading):
            [
                reading.canRunLinux ? "state=hardware" : "state=software",
                "api_version=12",
                "instruction_ns=" + HostProbe.decimal(hundredths: reading.instructionHundredths),
                "exit_us=" + HostProbe.decimal(hundredths: reading.exitNanoseconds / 10),
                "syscall_cpl=" + String(reading.syscallLevel),
            ]
        }
    }

    /// "12.05" for 1205.
    private static func decimal(hundredths: UInt64) -> String {
        let rest = hundredths % 100
        return String(hundredths / 100) + (rest < 10 ? ".0" : ".") + String(rest)
    }
}
