// The monitor: one process for one machine. Read the description, build, run, say how it ended.

internal import Host

Monitor.exit(Monitor.main(Arguments.all))
