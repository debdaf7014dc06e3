// What a user gave to `apus boot`, as text, before anything was checked.

/// Filled by the thin parser or by ArgumentParser; `BootOptions` checks it. Of an option given twice
/// the last counts, so that a script can append to a command line to change it.
struct BootArguments: Equatable {
    var kernel: ByteString?
    var firmware: ByteString?
    var initrd: ByteString?
    var cmdline: ByteString?
    var noDefaultCmdline = false
    var memory: ByteString?
    var cpus: ByteString?
    var disks: [ByteString] = []
    var console: ByteString?
    var timeout: ByteString?
    var report: ByteString?
    var verbose = false
}
