// Where the report goes, opened before the machine starts: a path that cannot be written should not cost a run.

internal import Host

final class ReportFile {
    private let path: String
    private let file: FileDescriptor

    /// Creates the file, or empties it.
    init(path: String) throws(MachineError) {
        self.path = path
        do throws(Errno) {
            // Without waiting: a pipe that nobody reads is refused, or nothing could end the wait for its reader.
            file = try .open(path, .replace, waiting: false)
        } catch { throw ReportFile.failure(path, error) }
    }

    func write(_ report: Report) throws(MachineError) {
        do throws(Errno) {
            try file.writeAll(report.json)
        } catch { throw ReportFile.failure(path, error) }
    }

    private static func failure(_ path: String, _ error: Errno) -> MachineError {
        MachineError("report " + path + " could not be written: " + error.message)
    }
}
