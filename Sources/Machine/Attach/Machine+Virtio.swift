// Showing a virtio device to the guest: its registers, its doorbells, its interrupt.

internal import Boot
internal import GuestMemory
internal import Host
internal import KVM
internal import Virtio

extension Machine {
    /// Gives the device the next window and interrupt line of `Layout`.
    func attach(_ device: VirtioDevice) throws(MachineError) {
        let index = virtioDeviceCount
        guard let window = Layout.virtioWindow(index), let gsi = Layout.virtioGSI(index) else {
            throw MachineError(
                "a machine has room for \(Layout.maximumVirtioDevices) virtio devices: give it fewer disks")
        }
        let transport = MMIOTransport(device)
        bus.attach(transport, at: window, count: MMIOTransport.windowSize)
        try explaining { () throws(KVMError) in
            try virtualMachine.bind(transport.interrupt, toInterrupt: gsi)
            guard let doorbell = window.advanced(by: MMIOTransport.queueNotifyOffset) else { return }
            for (queue, event) in transport.doorbells.enumerated() {
                try virtualMachine.bind(event, toWriteOf: UInt32(queue), at: doorbell)
            }
        }
        virtioDeviceCount += 1
    }
}
