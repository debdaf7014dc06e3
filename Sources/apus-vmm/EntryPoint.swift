// The monitor: one process for one machine. Read the description, build, run, say how it ended.

internal import Host

/// C's `main`, under the name that SwiftPM gives to the entry point of this target: neither Embedded Swift nor every C
/// library keeps the arguments for later.
@c(apus_vmm_main)
func main(_ count: Int32, _ values: UnsafePointer<UnsafePointer<CChar>>) -> Int32 {
    // SAFETY: the kernel hands over `count` NUL-terminated texts that stay.
    Monitor.exit(Monitor.main(unsafe Arguments.afterName(count: count, values: values)))
}
