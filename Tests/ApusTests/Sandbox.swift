// Runs the built `apus` from a folder of its own, with or without an `apus-vmm` that only tells what it was given.

import Foundation
import Testing

/// A folder that holds a hard link to `apus`, so that what lies beside it is the test's to choose.
final class Sandbox {
    struct Run {
        var status: Int32
        var output: String
        var errors: String

        var errorLines: [Substring] { errors.split(separator: "\n", omittingEmptySubsequences: false).dropLast() }
    }

    let folder: URL

    /// Beside the build, since a hard link cannot leave its file system.
    init() throws {
        let build = URL(filePath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
            .deletingLastPathComponent()
        folder = build.appending(path: "apus-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        try FileManager.default.linkItem(at: build.appending(path: "apus"), to: folder.appending(path: "apus"))
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    /// A monitor that prints each of its arguments on a line, then the environment that concerns it.
    static let echo = """
        printf '%s\\n' "$@"
        echo "zero=${APUS_CLOCK_ZERO-unset}"
        echo "pid=$$"
        exit 42
        """

    /// Puts a shell script at `name` in the folder.
    @discardableResult
    func script(_ body: String, at name: String = "apus-vmm") throws -> String {
        let file = folder.appending(path: name)
        try Data("#!/bin/sh\n\(body)\n".utf8).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
        return file.path
    }

    func directory(at name: String) throws {
        try FileManager.default.createDirectory(at: folder.appending(path: name), withIntermediateDirectories: false)
    }

    /// Runs `apus` and waits for its end.
    func apus(_ arguments: [String], environment: [String: String] = [:]) throws -> Run {
        try run(folder.appending(path: "apus").path, arguments, environment: environment)
    }

    /// Runs a program in the folder and waits for its end.
    func run(_ program: String, _ arguments: [String] = [], environment: [String: String] = [:]) throws -> Run {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.environment = ["PATH": "/usr/bin:/bin"].merging(environment) { $1 }
        process.currentDirectoryURL = folder
        // Files, not pipes: nothing can block on a reader.
        let output = folder.appending(path: "stdout")
        let errors = folder.appending(path: "stderr")
        try Data().write(to: output)
        try Data().write(to: errors)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
        process.waitUntilExit()
        return Run(
            status: process.terminationStatus,
            output: try String(contentsOf: output, encoding: .utf8),
            errors: try String(contentsOf: errors, encoding: .utf8))
    }
}
