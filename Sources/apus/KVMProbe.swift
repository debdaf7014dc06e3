// What the monitor's probe found out about /dev/kvm, read from its `key=value` lines.

/// The readings of `apus-vmm --probe`.
struct KVMProbe: Equatable {
    enum State: String, CaseIterable {
        /// There is no /dev/kvm.
        case absent
        /// This user may not open it.
        case forbidden
        /// Its API version is not the one that has been stable since Linux 2.6.22.
        case old
        /// Kernel-mode code of the guest is interpreted; Linux cannot run.
        case software
        /// The processor itself runs the guest.
        case hardware
        /// It is there, but the probe guest could not be run.
        case broken
    }

    var state: State
    var apiVersion: Int?
    /// Nanoseconds that one guest instruction takes at CPL 0.
    var instructionNanoseconds: Double?
    /// Microseconds from the guest to the monitor and back.
    var exitMicroseconds: Double?
    /// The privilege level with which the guest's SYSCALL arrived; 0 on a real processor.
    var syscallPrivilegeLevel: Int?
    /// The probe's own words.
    var detail: String?
    /// The group that owns /dev/kvm.
    var group: String?

    var canRunLinux: Bool { state == .hardware }
}

extension KVMProbe {
    /// Reads what the probe printed. A key that this release does not know is skipped; a line that is not
    /// `key=value`, a key given twice or a value of the wrong kind is refused, since nothing said
    /// beside it could be trusted.
    init(output: String) throws(Failure) {
        var values: [Substring: String] = [:]
        for line in output.split(separator: "\n") {
            guard let equals = line.firstIndex(of: "="), Self.isKey(line[..<equals]) else {
                throw Self.unreadable("the line '\(line.prefix(60))'")
            }
            let value = String(line[line.index(after: equals)...])
            if values.updateValue(value, forKey: line[..<equals]) != nil {
                throw Self.unreadable("'\(line[..<equals])' twice")
            }
        }
        guard let state = values["state"] else { throw Self.unreadable("no state") }
        guard let known = State(rawValue: state) else { throw Self.unreadable("the state '\(state)'") }
        self.state = known
        apiVersion = try Self.number(values, "api_version", Int.init)
        instructionNanoseconds = try Self.number(values, "instruction_ns", Self.duration)
        exitMicroseconds = try Self.number(values, "exit_us", Self.duration)
        syscallPrivilegeLevel = try Self.number(values, "syscall_cpl", Int.init)
        detail = values["detail"]
        group = values["group"]
    }

    private static func isKey(_ text: Substring) -> Bool {
        !text.isEmpty && text.allSatisfy { $0 == "_" || ("a"..."z").contains($0) }
    }

    private static func number<Number>(
        _ values: [Substring: String], _ key: Substring, _ parse: (String) -> Number?
    ) throws(Failure) -> Number? {
        guard let text = values[key] else { return nil }
        guard let number = parse(text) else { throw unreadable("'\(key)=\(text)'") }
        return number
    }

    private static func duration(_ text: String) -> Double? {
        guard let value = Double(text), value.isFinite, value >= 0 else { return nil }
        return value
    }

    private static func unreadable(_ what: String) -> Failure {
        Failure(
            "the probe of /dev/kvm cannot be read: \(MonitorProgram.name) printed \(what); "
                + "run 'make build' so that apus and \(MonitorProgram.name) are of one version")
    }
}
