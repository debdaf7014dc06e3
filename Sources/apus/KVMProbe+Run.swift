// Running the probe: a child, since a probe that KVM brings down should not take `apus` with it.

import Glibc

extension KVMProbe {
    /// Far more than the few milliseconds that a probe takes even where guests are interpreted.
    static let patience: Int32 = 20_000

    /// Runs `apus-vmm --probe` and reads its findings.
    ///
    /// - Parameter patience: milliseconds after which the probe is killed.
    static func run(patience: Int32 = patience) throws(Failure) -> KVMProbe {
        let child = try Child.run(arguments: ["--probe"], patience: patience)
        switch child.end {
        case .exited(0):
            return try KVMProbe(output: child.output)
        case .exited(let status):
            throw failed("exited with status \(status)", child)
        case .signalled(let signal):
            throw failed("was ended by signal \(signal)", child)
        case .killed:
            throw failed("did not finish within \(patience) ms", child)
        }
    }

    private static func failed(_ how: String, _ child: Child) -> Failure {
        let words = child.errors.split(separator: "\n").first.map { ": \($0)" } ?? ""
        return Failure("the probe of /dev/kvm failed: '\(child.file) --probe' \(how)\(words)")
    }
}
