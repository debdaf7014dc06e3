// The monitor: one process for one machine. Read the description, build, run, say how it ended.

Monitor.exit(Monitor.main(Array(CommandLine.arguments.dropFirst())))
