// `apus doctor`: reading the probe, the words for each state, and the exit status.

import Foundation
import Testing

@testable import apus

@Suite struct KVMProbeTests {
    @Test func everyReadingIsRead() throws {
        let probe = try KVMProbe(
            output: """
                state=software
                api_version=12
                instruction_ns=1012.50
                exit_us=9.1
                syscall_cpl=3
                detail=SYSCALL from CPL 3 = still CPL 3
                """)

        #expect(
            probe
                == KVMProbe(
                    state: .software, apiVersion: 12, instructionNanoseconds: 1012.5, exitMicroseconds: 9.1,
                    syscallPrivilegeLevel: 3, detail: "SYSCALL from CPL 3 = still CPL 3"))
    }

    @Test func aKeyOfALaterReleaseIsSkipped() throws {
        #expect(try KVMProbe(output: "colour=blue\nstate=absent\n") == KVMProbe(state: .absent))
    }

    @Test(arguments: [
        ("", "no state"), ("api_version=12\n", "no state"), ("state=fine\n", "the state 'fine'"),
        ("hello\n", "the line 'hello'"), ("state=absent\nSegmentation fault\n", "the line 'Segmentation"),
        ("state=absent\nstate=hardware\n", "'state' twice"), ("state=hardware\napi_version=x\n", "'api_version=x'"),
        ("state=hardware\nexit_us=nan\n", "'exit_us=nan'"), ("state=hardware\nexit_us=-1\n", "'exit_us=-1'"),
        ("\u{0}\u{1}=2\n", "the line"), ("=x\n", "the line '=x'"),
    ])
    func garbageIsRefused(output: String, part: String) throws {
        let error = #expect(throws: Failure.self) { try KVMProbe(output: output) }

        #expect(try #require(error).description.contains("printed \(part)"))
    }

    @Test func onlyHardwareRunsLinux() {
        #expect(KVMProbe.State.allCases.filter { KVMProbe(state: $0).canRunLinux } == [.hardware])
    }
}

@Suite struct DiagnosisTests {
    @Test(arguments: [
        ("kvm", "as root: usermod -aG kvm ada;"),
        ("108", "groupadd -g 108 kvm-108 && usermod -aG kvm-108 ada;"),
        ("root", "chgrp kvm /dev/kvm"),
    ])
    func aForbiddenDeviceComesWithTheCommand(group: String, part: String) {
        let diagnosis = Diagnosis(KVMProbe(state: .forbidden, group: group), user: "ada")

        #expect(diagnosis.advice.contains(part))
    }

    @Test func readingsAreTold() {
        let probe = KVMProbe(
            state: .software, apiVersion: 12, instructionNanoseconds: 1012.5, exitMicroseconds: 9.1,
            syscallPrivilegeLevel: 3, detail: "two\nlines")

        let text = Diagnosis(probe, user: "ada").text

        #expect(
            text.contains(
                "found by: KVM API version 12; a guest instruction at CPL 0 takes 1012.5 ns; "
                    + "SYSCALL arrives at CPL 3, where Linux needs 0; an exit takes 9.1 µs; two lines\n"))
        #expect(text.split(separator: "\n").count == 3)
    }
}

@Suite struct PipeTests {
    @Test func aSilentWriterIsWaitedForOnlySoLong() throws {
        var first = try apus.Pipe()
        var second = try apus.Pipe()

        #expect(!apus.Pipe.drain(&first, &second, patience: 1))
    }

    @Test func closedWritersEndTheWait() throws {
        var first = try apus.Pipe()
        var second = try apus.Pipe()
        _ = apus.write("words", to: second.writing)
        first.closeWriting()
        second.closeWriting()

        #expect(apus.Pipe.drain(&first, &second, patience: .max))
        #expect(second.bytes == Array("words".utf8))
    }
}

@Suite struct DoctorTests {
    let sandbox: Sandbox

    init() throws { sandbox = try Sandbox() }

    @Test(
        arguments: [
            ("absent", 1, "/dev/kvm: absent"), ("forbidden", 1, "may not open it"), ("old", 1, "too old"),
            ("software", 1, "software backend that cannot run Linux"), ("hardware", 0, "hardware-backed"),
            ("broken", 1, "cannot run even a probe guest"),
        ] as [(String, Int32, String)])
    func eachStateIsToldWithItsExitStatus(state: String, status: Int32, part: String) throws {
        try sandbox.script("[ \"$*\" = --probe ] && printf 'state=\(state)\\ndetail=seen\\n'")

        let run = try sandbox.apus(["doctor"])

        #expect(run.status == status)
        #expect(run.output.contains(part))
        #expect(run.output.contains("found by: seen\n"))
        #expect(run.output.contains("next: "))
        #expect(run.errors == "")
    }

    @Test func jsonHasEveryKeyAndNullForWhatIsUnknown() throws {
        try sandbox.script(
            "printf 'state=hardware\\napi_version=12\\ninstruction_ns=0.61\\nexit_us=9.1\\nsyscall_cpl=0\\n'")

        let run = try sandbox.apus(["doctor", "--json"])

        let object = try #require(JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
        #expect(run.status == 0)
        #expect(
            Set(object.keys) == [
                "device", "state", "linux_guests", "api_version", "instruction_ns", "exit_us", "syscall_cpl",
                "detail", "group", "summary", "advice",
            ])
        #expect(object["state"] as? String == "hardware")
        #expect(object["linux_guests"] as? Bool == true)
        #expect(object["api_version"] as? Int == 12)
        #expect(object["instruction_ns"] as? Double == 0.61)
        #expect(object["syscall_cpl"] as? Int == 0)
        #expect(object["group"] is NSNull)
    }

    @Test func jsonOfAnUnusableDeviceStillFails() throws {
        try sandbox.script("printf 'state=forbidden\\ngroup=kvm\\n'")

        let run = try sandbox.apus(["doctor", "--json"])

        let object = try #require(JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
        #expect(run.status == 1)
        #expect(object["linux_guests"] as? Bool == false)
        #expect(object["group"] as? String == "kvm")
    }

    @Test(
        arguments: [
            ("kill -SEGV $$", "was ended by signal 11"),
            ("echo 'apus: out of luck' >&2; exit 3", "exited with status 3: apus: out of luck"),
            ("echo state=hardware; exit 1", "exited with status 1"),
            ("echo garbage", "printed the line 'garbage'"),
            ("exit 0", "printed no state"),
            ("exec cat /dev/zero", "did not finish"),
        ], [["doctor"], ["doctor", "--json"]])
    func aProbeThatFailsIsOneLine(failure: (script: String, part: String), arguments: [String]) throws {
        try sandbox.script(failure.script)

        let run = try sandbox.apus(arguments)

        #expect(run.status == 1)
        #expect(run.output == "")
        #expect(run.errorLines.count == 1)
        #expect(run.errors.hasPrefix("apus: the probe of /dev/kvm "))
        #expect(run.errors.contains(failure.part))
    }

    @Test func aResultThatCannotBeWrittenIsAFailure() throws {
        try sandbox.script("echo state=hardware")
        let shell = try sandbox.script("./apus doctor >/dev/full", at: "starter")

        let run = try sandbox.run(shell)

        #expect(run.status == 1)
        #expect(run.errorLines.count == 1)
        #expect(run.errors.contains("cannot write to stdout: No space left on device"))
    }
}
