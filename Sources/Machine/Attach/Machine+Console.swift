// The guest's terminal: standard input and output, behind virtio-console or behind COM1.

internal import Devices
internal import GuestMemory
internal import Host
internal import KVM

extension Machine {
    private static var standardOutput: Int32 { 1 }
    private static var firstSerialPort: UInt16 { 0x3F8 }
    private static var firstSerialInterrupt: UInt32 { 4 }
    /// How long a reader may take for the last output before it is dropped.
    private static var outputGraceMilliseconds: Int32 { 1000 }

    func attachConsole() throws(MachineError) {
        let stop = stop
        let output = try explainingHost("standard output") { () throws(Errno) in
            try ConsoleOutput(.duplicate(Machine.standardOutput))
        }
        let input = try explainingHost("standard input") { () throws(Errno) in
            ConsoleInput(
                try .duplicate(Machine.standardInput),
                onCommand: hasTerminal ? { command in Machine.obey(command, stop) } : nil)
        }
        switch configuration.console {
        case .virtio: try attachVirtioConsole(input, output)
        case .serial: try attachSerialPort(input, output)
        }
        stopDevices.append {
            // An error here means that the last output is lost, and that there is nobody to tell.
            do throws(Errno) { try output.stop(graceMilliseconds: Machine.outputGraceMilliseconds) } catch {}
        }
    }

    private func attachVirtioConsole(_ input: ConsoleInput, _ output: ConsoleOutput) throws(MachineError) {
        let size = Terminal.windowSize(of: Machine.standardOutput) ?? WindowSize(columns: 0, rows: 0)
        let device = try explainingHost("the console") { () throws(Errno) in
            let device = try ConsoleDevice(
                input: input, output: output, columns: size.columns, rows: size.rows, memory: memory)
            try device.attach(to: loop)
            return device
        }
        try attach(device)
        didBecomeReady = { device.openInput() }
        didResizeTerminal = {
            guard let size = Terminal.windowSize(of: Machine.standardOutput) else { return }
            device.resize(columns: size.columns, rows: size.rows)
        }
    }

    private func attachSerialPort(_ input: ConsoleInput, _ output: ConsoleOutput) throws(MachineError) {
        let device = try explainingHost("the serial port") { () throws(Errno) in
            let device = try SerialDevice(input: input, output: output)
            try device.attach(to: loop)
            return device
        }
        bus.attach(device, atPorts: Machine.firstSerialPort, count: SerialDevice.portCount)
        try explaining { () throws(KVMError) in
            try virtualMachine.bind(device.interrupt, toInterrupt: Machine.firstSerialInterrupt)
        }
    }

    private static func obey(_ command: EscapeFilter.Command, _ stop: StopRequest) {
        switch command {
        case .quit: stop.make(.signal(0))
        case .help:
            StandardStream.error.write(
                "\r\nCtrl-A x  quit\r\nCtrl-A h  this help\r\nCtrl-A Ctrl-A  send Ctrl-A to the guest\r")
        }
    }
}
