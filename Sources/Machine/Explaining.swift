// Turning a layer's error into the machine's.

internal import Host
internal import KVM

/// Runs `body`; a refused KVM call becomes a sentence.
func explaining<Result>(_ body: () throws(KVMError) -> Result) throws(MachineError) -> Result {
    do throws(KVMError) { return try body() } catch { throw MachineError(error.message) }
}

/// Runs `body`; a refused call of the host becomes a sentence about `thing`.
func explainingHost<Result>(_ thing: String, _ body: () throws(Errno) -> Result) throws(MachineError) -> Result {
    do throws(Errno) { return try body() } catch { throw MachineError(thing + ": " + error.message) }
}
