// A disk: an image file or a block device of the host, as vda, vdb, …

internal import Devices
internal import Host

extension Machine {
    func attachDisk(_ disk: MachineConfiguration.Disk, index: Int) throws(MachineError) {
        let backend: BlockBackend
        do throws(BlockBackendError) {
            backend = try BlockBackend(path: disk.path, readOnly: disk.isReadOnly)
        } catch { throw MachineError("disk " + disk.path + " " + error.explanation) }

        let device = try explainingHost("disk " + disk.path) { () throws(Errno) in
            try BlockDevice(backend, name: Machine.diskName(index), memory: memory)
        }
        try attach(device)
        try explainingHost("disk " + disk.path) { () throws(Errno) in try device.start() }
        stopDevices.append { device.stop() }
    }

    /// The name that Linux gives the disk: vda…vdz, of which a machine has no more than Layout has windows.
    private static func diskName(_ index: Int) -> String {
        "vd" + String(UnicodeScalar(UInt8(ascii: "a") + UInt8(index)))
    }
}

extension BlockBackendError {
    /// What is wrong, and what to do, as the end of a sentence about the disk.
    fileprivate var explanation: String {
        switch self {
        case .missing: "does not exist: make it, or correct the path"
        case .permissionDenied: "may not be opened: change its permissions, or add ',readonly'"
        case .directory: "is a directory: name a disk image or a block device"
        case .notStorage: "is neither a file nor a block device: name a disk image"
        case .empty: "is empty: give it a size, for example with 'truncate -s 1G'"
        case .unalignedSize(let size): "has \(size) bytes, not a multiple of 512: it may be truncated"
        case .locked(let process) where process == HostProcess.id:
            "is given twice: name each disk once"
        case .locked(let process):
            "is in use by " + (process.map { "process " + String($0) } ?? "another process")
                + ": stop that virtual machine, or use the disk in both with ',readonly'"
        case .host(let errno): "cannot be used: " + errno.message
        }
    }
}
