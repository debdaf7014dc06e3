// A Linux kernel, by the 64-bit boot protocol (Documentation/arch/x86/boot.rst).

internal import Boot
internal import GuestMemory
internal import Host
internal import KVM

final class LinuxPayload: Payload {
    private let path: String
    private let kernel: KernelImage

    init(path: String) throws(MachineError) {
        self.path = path
        do throws(KernelError) {
            kernel = try .open(path)
        } catch { throw MachineError(error.message(path: path)) }
    }

    override func load(into machine: Machine) throws(MachineError) {
        let memory = machine.memory
        let loadedKernel: LoadedKernel
        do throws(KernelError) {
            loadedKernel = try kernel.load(into: memory)
        } catch { throw MachineError(error.message(path: path)) }

        let initrd = try loadInitrd(machine.configuration.initrd, into: memory, above: loadedKernel)
        try writeCommandLine(of: machine, for: loadedKernel)
        do throws(GuestMemoryError) {
            try MPTable(processors: Int(machine.configuration.cpuCount))?.write(to: memory)
            try BootParameters(kernel: loadedKernel, initrd: initrd).write(to: memory)
            try GlobalDescriptorTable.write(to: memory)
            try PageTables.write(to: memory, covering: loadedKernel.end)
        } catch { throw MachineError("guest memory is too small for a kernel's tables: give it more --memory") }

        try explaining { () throws(KVMError) in
            for vcpu in machine.vcpus { try vcpu.setMSRs(BootMSR.longMode.map { ($0.index, $0.value) }) }
            try machine.vcpus[0].setBootState(.longMode(loadedKernel), .longMode)
        }
    }

    private func loadInitrd(
        _ path: String?, into memory: GuestMemory, above kernel: LoadedKernel
    ) throws(MachineError) -> LoadedInitrd? {
        guard let path else { return nil }
        do throws(InitrdError) {
            return try Initrd.open(path).load(into: memory, above: kernel)
        } catch { throw MachineError(error.message(path: path)) }
    }

    private func writeCommandLine(of machine: Machine, for kernel: LoadedKernel) throws(MachineError) {
        let commandLine = machine.kernelCommandLine
        if machine.configuration.isVerbose {
            StandardStream.error.writeOneLine("apus: kernel command line: " + commandLine.text)
        }
        do throws(CommandLineError) {
            try commandLine.write(to: machine.memory, for: kernel)
        } catch { throw MachineError(error.message) }
    }
}
