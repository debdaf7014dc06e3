// The doctor's words: what /dev/kvm is, how that was found, and what to do next.

import Glibc

/// A probe's readings, explained.
struct Diagnosis: Equatable {
    static let device = "/dev/kvm"

    var probe: KVMProbe
    /// What /dev/kvm is, in one sentence.
    var summary: String
    /// How it was found.
    var findings: String
    /// What to do next.
    var advice: String

    /// - Parameter user: the login name for a command to copy.
    init(_ probe: KVMProbe, user: String) {
        self.probe = probe
        summary = Self.summary(probe.state)
        findings = Self.findings(probe)
        advice = Self.advice(probe, user: user)
    }

    /// Three lines for people.
    var text: String {
        """
        \(Self.device): \(summary)
        found by: \(singleLine(findings))
        next: \(singleLine(advice))

        """
    }

    private static func summary(_ state: KVMProbe.State) -> String {
        switch state {
        case .absent: "absent; no virtual machine can run here."
        case .forbidden: "there, but this user may not open it."
        case .old: "too old for Apus."
        case .software: "a software backend that cannot run Linux; bare-metal guests run, slowly."
        case .hardware: "hardware-backed; Linux guests can run."
        case .broken: "there, but it cannot run even a probe guest."
        }
    }

    private static func findings(_ probe: KVMProbe) -> String {
        var readings: [String] = []
        if let version = probe.apiVersion { readings.append("KVM API version \(version)") }
        if let time = probe.instructionNanoseconds {
            readings.append("a guest instruction at CPL 0 takes \(time) ns")
        }
        if let level = probe.syscallPrivilegeLevel {
            readings.append("SYSCALL arrives at CPL \(level)" + (level == 0 ? "" : ", where Linux needs 0"))
        }
        if let time = probe.exitMicroseconds { readings.append("an exit takes \(time) µs") }
        if let detail = probe.detail, !detail.isEmpty { readings.append(detail) }
        return readings.isEmpty ? "opening \(device)" : readings.joined(separator: "; ")
    }

    private static func advice(_ probe: KVMProbe, user: String) -> String {
        switch probe.state {
        case .absent:
            "turn on virtualisation (VT-x, AMD-V, nested for a virtual machine), then, as root: modprobe kvm_intel or "
                + "modprobe kvm_amd; in a container, pass the device in: --device \(device)"
        case .forbidden:
            admission(group: probe.group, user: user)
        case .old:
            "run a kernel from this decade: Apus needs KVM API version 12"
        case .software:
            "use a machine with VT-x or AMD-V for Linux guests; here, 'apus boot --firmware FILE' works, and "
                + "Tests/Lab/lab runs Linux guests in emulation"
        case .hardware:
            "apus boot --kernel FILE"
        case .broken:
            "look for KVM's own words in the kernel log (dmesg), and whether another hypervisor holds the processor"
        }
    }

    private static func admission(group: String?, user: String) -> String {
        switch group {
        case nil, "", "root", "0":
            // Nobody should join root's group for this.
            "as root, give the device to a group first: groupadd -f kvm && chgrp kvm \(device) && "
                + "chmod 660 \(device) && usermod -aG kvm \(user); then log in again"
        case let number? where number.allSatisfy(\.isNumber):
            "as root, name the group and join it: groupadd -g \(number) kvm-\(number) && "
                + "usermod -aG kvm-\(number) \(user); then log in again"
        case let name?:
            "join the group \(name), as root: usermod -aG \(name) \(user); then log in again"
        }
    }

    /// The name of the user who runs this, from /etc/passwd; else what a shell will expand to it.
    ///
    /// getpwuid would load name services, which a static program cannot.
    static func currentUser() -> String {
        // SAFETY: reads a file by a name of this program's own, and each entry before asking for the next.
        guard let file = unsafe fopen("/etc/passwd", "re") else { return "\"$USER\"" }
        defer { unsafe fclose(file) }
        let user = getuid()
        while let entry = unsafe fgetpwent(file) {
            if unsafe entry.pointee.pw_uid == user { return unsafe String(cString: entry.pointee.pw_name) }
        }
        return "\"$USER\""
    }
}
