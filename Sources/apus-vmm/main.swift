import Machine

if CommandLine.arguments.contains("--probe") { for line in HostProbe.run().lines { print(line) } }
