// The command `apus`. A plain `apus boot` takes the thin path: it has become the monitor before
// ArgumentParser would have woken up. Everything else goes through the full command.

_ = ClockZero.processStart

if let options = BootOptions(thin: ByteString.commandLine()) {
    do {
        try options.boot()
    } catch {
        end(with: error, verb: "boot")
    }
}

Apus.runFromCommandLine()
