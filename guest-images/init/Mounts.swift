// The file systems that programs expect, in the order in which they stand on one another.

import CInit

func mountFileSystems() {
    let plain = cinit_mount_nosuid | cinit_mount_nodev | cinit_mount_noexec
    attach("proc", on: "/proc", flags: plain)
    attach("sysfs", on: "/sys", flags: plain)
    // The kernel has already done this when it mounted the root itself (DEVTMPFS_MOUNT): EBUSY.
    attach("devtmpfs", on: "/dev", flags: cinit_mount_nosuid)
    mkdir(cString("/dev/pts"), 0o755)
    attach(
        "devpts", on: "/dev/pts", flags: cinit_mount_nosuid | cinit_mount_noexec, options: "gid=5,mode=620,ptmxmode=666"
    )
    mkdir(cString("/dev/shm"), 0o1777)
    attach("tmpfs", on: "/dev/shm", flags: cinit_mount_nosuid | cinit_mount_nodev, options: "mode=1777")
    attach("tmpfs", on: "/run", flags: cinit_mount_nosuid | cinit_mount_nodev, options: "mode=755")
    attach("tmpfs", on: "/tmp", flags: cinit_mount_nosuid | cinit_mount_nodev, options: "mode=1777")
}

private func attach(_ type: StaticString, on target: StaticString, flags: UInt, options: StaticString = "") {
    let result = mount(cString(type), cString(target), cString(type), flags, options.utf8Start)
    if result != 0 && cinit_errno() != EBUSY {
        complain(target, cinit_errno())
    }
}

/// Makes the root writable where the command line says `rw` but the kernel mounted it read-only
/// (it does so by itself for a disk; a remount is left to do after a file system had errors).
func remountRootAsAsked(_ commandLine: KernelCommandLine) {
    guard commandLine.has("rw") else { return }
    var status = statvfs()
    guard statvfs(cString("/"), &status) == 0, status.f_flag & UInt(ST_RDONLY) != 0 else { return }
    if mount(nil, cString("/"), nil, cinit_mount_remount, nil) != 0 {
        complain("/ stays read-only", cinit_errno())
    }
}

/// Takes the host's name from /etc/hostname; without that file the kernel's own stays.
func setHostName() {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 65) { name in
        let length = readFile("/etc/hostname", into: name)
        let end = name[..<length].firstIndex(of: CChar(UInt8(ascii: "\n"))) ?? length
        if end > 0 && sethostname(name.baseAddress!, end) != 0 {
            complain("/etc/hostname", cinit_errno())
        }
    }
}

/// The names in /dev for a process's own descriptors, which devtmpfs leaves to init.
func linkDescriptors() {
    symlink(cString("/proc/self/fd"), cString("/dev/fd"))
    symlink(cString("/proc/self/fd/0"), cString("/dev/stdin"))
    symlink(cString("/proc/self/fd/1"), cString("/dev/stdout"))
    symlink(cString("/proc/self/fd/2"), cString("/dev/stderr"))
}
