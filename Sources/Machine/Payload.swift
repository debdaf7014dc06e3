// What a machine starts: opened and checked before anything is made, so that a wrong file costs no time.

internal import Boot
internal import CShims
internal import GuestMemory
internal import Host
internal import KVM

/// A kernel or a ROM that exists and has a form that this monitor knows.
enum Payload: ~Copyable {
    case linux(KernelImage, initrd: Initrd?)
    case firmware(FirmwareImage)

    static func open(_ configuration: MachineConfiguration) throws(MachineError) -> Payload {
        switch configuration.payload {
        case .kernel(let path):
            let kernel: KernelImage
            do throws(KernelError) {
                kernel = try .open(path)
            } catch { throw MachineError(error.message(path: path)) }
            guard let initrdPath = configuration.initrd else { return .linux(kernel, initrd: nil) }
            do throws(InitrdError) {
                return .linux(kernel, initrd: try .open(initrdPath))
            } catch { throw MachineError(error.message(path: initrdPath)) }
        case .firmware(let path):
            do throws(FirmwareError) {
                return .firmware(try .open(path))
            } catch { throw MachineError(error.message(path: path)) }
        }
    }

    /// Guest RAM, and the ROM below 4 GiB where there is one.
    borrowing func memoryRanges(for memorySize: UInt64) -> [(start: GuestAddress, count: UInt64)] {
        var ranges = Layout.ramRanges(memory: memorySize)
        switch self {
        case .linux: break
        case .firmware(let image): ranges.insert((image.start, image.count), at: 1)
        }
        return ranges
    }

    /// Lays the payload into the machine's memory and points the boot processor at it.
    consuming func load(into machine: Machine) throws(MachineError) {
        switch consume self {
        case .linux(let kernel, let initrd): try machine.load(kernel, initrd)
        case .firmware(let image): try machine.load(image)
        }
    }
}

extension Machine {
    /// Follows Linux's 64-bit boot protocol (Documentation/arch/x86/boot.rst).
    fileprivate func load(_ kernel: borrowing KernelImage, _ initrd: consuming Initrd?) throws(MachineError) {
        let path = configuration.payloadPath
        let loadedKernel: LoadedKernel
        do throws(KernelError) {
            loadedKernel = try kernel.load(into: memory)
        } catch { throw MachineError(error.message(path: path)) }

        var loadedInitrd: LoadedInitrd?
        if let initrd {
            do throws(InitrdError) {
                loadedInitrd = try initrd.load(into: memory, above: loadedKernel)
            } catch { throw MachineError(error.message(path: configuration.initrd ?? "")) }
        }

        let commandLine = kernelCommandLine
        if configuration.isVerbose { StandardStream.error.write("apus: kernel command line: " + commandLine.text) }
        do throws(CommandLineError) {
            try commandLine.write(to: memory, for: loadedKernel)
        } catch { throw MachineError(error.message) }

        do throws(GuestMemoryError) {
            try MPTable(processors: Int(configuration.cpuCount))?.write(to: memory)
            try BootParameters(kernel: loadedKernel, initrd: loadedInitrd).write(to: memory)
            try GlobalDescriptorTable.write(to: memory)
            try PageTables.write(to: memory, covering: loadedKernel.end)
        } catch { throw MachineError("guest memory is too small for a kernel's tables: give it more --memory") }

        try explaining { () throws(KVMError) in
            try vcpus[0].setBootState(.longMode(loadedKernel), .longMode)
        }
    }

    /// Leaves the boot processor at the reset vector, inside the ROM.
    fileprivate func load(_ image: borrowing FirmwareImage) throws(MachineError) {
        do throws(FirmwareError) {
            try image.load(into: memory)
        } catch { throw MachineError(error.message(path: configuration.payloadPath)) }
        try explaining { () throws(KVMError) in
            try vcpus[0].setBootState(.reset, .reset)
        }
    }
}

extension MachineConfiguration {
    fileprivate var payloadPath: String {
        switch payload {
        case .kernel(let path), .firmware(let path): path
        }
    }
}
