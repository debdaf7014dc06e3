// The full command: its subcommands, and how a run of it ends.

import ArgumentParser
import Glibc

struct Apus: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apus",
        abstract: "Run Linux in virtual machines that start like containers.",
        version: "apus \(apusVersion)",
        subcommands: [Boot.self, Doctor.self])

    /// Parses the process's arguments, runs what they name, and ends the process.
    static func runFromCommandLine() -> Never {
        let arguments = Array(CommandLine.arguments.dropFirst())
        do {
            var command = try parseAsRoot(arguments)
            try command.run()
            Glibc.exit(EXIT_SUCCESS)
        } catch {
            conclude(error, verb: verb(in: arguments))
        }
    }

    /// ArgumentParser ends a wish for help or a version by an error too; only the exit status tells them apart.
    private static func conclude(_ error: any Error, verb: String?) -> Never {
        switch error {
        case let status as ExitCode:
            Glibc.exit(status.rawValue)
        case is Failure, is UsageError:
            end(with: error, verb: verb)
        case _ where exitCode(for: error) == .success:
            do {
                try writeResult(fullMessage(for: error) + "\n")
            } catch {
                end(with: error, verb: verb)
            }
            Glibc.exit(EXIT_SUCCESS)
        default:
            end(with: UsageError(decapitalized(message(for: error))), verb: verb)
        }
    }

    private static func verb(in arguments: [String]) -> String? {
        configuration.subcommands.compactMap { $0.configuration.commandName }.first { $0 == arguments.first }
    }

    /// In the style of every other message, which begins in the middle of a line.
    private static func decapitalized(_ message: String) -> String {
        message.prefix(1).lowercased() + message.dropFirst()
    }
}
