// From options to a running machine: what both ways of parsing lead to.

extension BootOptions {
    /// Replaces this process with a monitor that runs the machine.
    func boot() throws -> Never {
        let zero = try ClockZero.take()
        try MonitorProgram.replaceProcess(arguments: description(clockZero: zero))
    }
}
