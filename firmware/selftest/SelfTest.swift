// The self-test, read from top to bottom. start.S calls it in long mode, with interrupts off.
import Hardware

@c(self_test)
func selfTest() {
    SerialPort.write("# apus self-test")
    SerialPort.endLine()
    InterruptTable.install()
    LocalAPIC.enable()

    var report = Report()
    report.check("memory") { () throws(Failure) in try checkMemory() }
    report.check("cpuid-hypervisor") { () throws(Failure) in try checkHypervisorLeaf() }
    report.check("port-unused") { () throws(Failure) in try checkUnusedPort() }
    report.check("apic-version") { () throws(Failure) in try checkLocalAPIC() }
    report.check("apic-timer") { () throws(Failure) in try checkTimerInterrupt() }

    if let disk = findBlockDevice() {
        report.checkBlock(disk)
    } else {
        report.skipBlock()
    }
    report.finish()
}

/// Lists the virtio-mmio devices and returns the first block device.
private func findBlockDevice() -> VirtioMMIO? {
    let layout = PlatformLayout.current
    var found: VirtioMMIO?
    for index in 0..<layout.deviceCount {
        guard let transport = VirtioMMIO(index, in: layout) else { continue }
        SerialPort.write("# virtio-mmio at ")
        SerialPort.write(hexadecimal: transport.base)
        SerialPort.write(": device type ")
        SerialPort.write(decimal: Int(transport.deviceID))
        SerialPort.endLine()
        if found == nil, transport.deviceID == VirtioMMIO.blockDevice { found = transport }
    }
    return found
}
