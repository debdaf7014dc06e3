import Host
import Testing

@testable import KVM

@Suite struct SystemTests {
    @Test func namesAnAbsentDevice() {
        let error = #expect(throws: KVMError.self) { try System(path: "/nonexistent/kvm") }
        #expect(error?.errno == .noSuchFile)
    }

    @Test func refusesAFileThatIsNoKVM() {
        let error = #expect(throws: KVMError.self) { try System(path: "/dev/null") }
        #expect(error?.errno == .notTerminal)
    }
}
