// `apus doctor`: what /dev/kvm is on this machine, whether Linux guests can run, and what to do if not.

import ArgumentParser
import Glibc

struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Tell what /dev/kvm is here, and whether Linux guests can run on it.",
        discussion: """
            Runs a small probe guest through 'apus-vmm --probe'; module names and CPU flags are not believed.

            Exit status: 0 only where Linux guests can run, 1 otherwise and where the probe failed.

            --json prints one object with these keys, null where the probe could not tell: device; \
            state (absent, forbidden, old, software, hardware, broken); linux_guests (true or false); \
            api_version (KVM_GET_API_VERSION); instruction_ns (one guest instruction at CPL 0); exit_us (one exit \
            to the monitor and back); syscall_cpl (the privilege level that SYSCALL arrives with); detail (the \
            probe's words); group (the group to join, where state is forbidden); summary; advice.
            """)

    @Flag(help: "Print one JSON object instead of lines for people.")
    var json = false

    mutating func run() throws {
        let probe = try KVMProbe.run()
        let diagnosis = Diagnosis(probe, user: Diagnosis.currentUser())
        try writeResult(json ? diagnosis.json() : diagnosis.text)
        if !probe.canRunLinux { throw ExitCode(ExitStatus.failure) }
    }
}
