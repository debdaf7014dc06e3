// How a machine is made: the recipe, from top to bottom.
//
//     memory → virtual machine → interrupt controllers → vCPUs → devices → what it boots

internal import Boot
internal import Devices
internal import GuestMemory
internal import Host
internal import KVM
internal import Virtio

extension Machine {
    /// Makes the machine that `configuration` describes, ready to run.
    public static func build(_ configuration: MachineConfiguration, timeline: Timeline) throws(MachineError) -> Machine
    {
        let payload = try Payload.open(configuration)
        var reportFile: ReportFile?
        if let path = configuration.reportPath { reportFile = try ReportFile(path: path) }
        let memory = try allocateMemory(configuration, for: payload)

        let system = try explaining { () throws(KVMError) in try System() }
        let hasTSCDeadlineTimer = system.check(.tscDeadlineTimer) != 0
        let virtualMachine = try explaining { () throws(KVMError) in
            try makeVirtualMachine(system, memory, hasTSCDeadlineTimer: hasTSCDeadlineTimer, timeline)
        }
        let vcpuLimit = system.check(.maximumVCPUs)
        guard configuration.cpuCount <= vcpuLimit else {
            throw MachineError("--cpus asks for more than the \(vcpuLimit) vCPUs that this host's KVM has")
        }
        let vcpus = try explaining { () throws(KVMError) in
            try makeVCPUs(
                configuration.cpuCount, virtualMachine, system, hasTSCDeadlineTimer: hasTSCDeadlineTimer)
        }

        let machine = try explainingHost("the event loop") { () throws(Errno) in
            try Machine(
                configuration, memory: memory, virtualMachine: virtualMachine, vcpus: vcpus, reportFile: reportFile,
                timeline: timeline)
        }
        do throws(MachineError) {
            machine.attachPlatformDevices()
            try machine.attachConsole()
            for (index, disk) in configuration.disks.enumerated() { try machine.attachDisk(disk, index: index) }
            try payload.load(into: machine)
        } catch {
            machine.releaseTerminal()
            throw error
        }
        timeline.mark(.kernelLoaded)
        return machine
    }

    private static func allocateMemory(
        _ configuration: MachineConfiguration, for payload: Payload
    ) throws(MachineError) -> GuestMemory {
        guard configuration.memorySize <= HostMemory.total else {
            throw MachineError(
                "--memory asks for \(configuration.memorySize >> 20) MiB and this host has "
                    + "\(HostMemory.total >> 20) MiB: give the guest less")
        }
        do throws(GuestMemoryError) {
            return try GuestMemory(payload.memoryRanges(for: configuration.memorySize))
        } catch {
            throw MachineError("no address space for \(configuration.memorySize >> 20) MiB of guest memory")
        }
    }

    private static func makeVirtualMachine(
        _ system: System, _ memory: GuestMemory, hasTSCDeadlineTimer: Bool, _ timeline: Timeline
    ) throws(KVMError) -> VirtualMachine {
        let virtualMachine = try system.createVirtualMachine()
        timeline.mark(.vmCreated)
        try virtualMachine.reserveInternalPages(tss: Layout.taskStateSegments, identityMap: Layout.identityMapPage)
        try virtualMachine.createInterruptControllers()
        // Linux needs no PIT where its local APIC has a TSC deadline: it is told the frequency by kvm-clock.
        if !hasTSCDeadlineTimer { try virtualMachine.createIntervalTimer() }
        try virtualMachine.map(memory)
        timeline.mark(.memoryReady)
        return virtualMachine
    }

    private static func makeVCPUs(
        _ count: UInt32, _ virtualMachine: VirtualMachine, _ system: System, hasTSCDeadlineTimer: Bool
    ) throws(KVMError) -> [VCPU] {
        let cpuid = try system.supportedCPUID()
        var vcpus: [VCPU] = []
        for id in 0..<count {
            let vcpu = try virtualMachine.createVCPU(id: id)
            try vcpu.setCPUID(
                cpuid.prepared(forVCPU: id, of: count, hasTSCDeadlineTimer: hasTSCDeadlineTimer))
            try vcpu.connectLocalInterrupts()
            vcpus.append(vcpu)
        }
        return vcpus
    }
}
