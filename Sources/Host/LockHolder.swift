// Who has a file locked: an open-file-description lock names no process, so /proc is searched for it (proc(5), fdinfo).

internal import CShims

extension FileDescriptor {
    /// The id of a process that holds a lock on the same file, or nil where none can be seen.
    public borrowing func lockHolder() -> Int32? {
        var file = FileIdentity(device: 0, inode: 0)
        // SAFETY: both fields are written through pointers that live for the call.
        guard unsafe apus_identity(rawValue, &file.device, &file.inode) == 0 else { return nil }
        return firstNumber(in: "/proc") { process in
            let folder = "/proc/" + String(process)
            let descriptor = firstNumber(in: folder + "/fd") { number in
                isSame(folder + "/fd/" + String(number), file) && isLocked(folder + "/fdinfo/" + String(number))
            }
            return descriptor != nil
        }
    }
}

private struct FileIdentity {
    var device: UInt64
    var inode: UInt64
}

/// The first of a folder's entries with a number for a name that `matches`.
private func firstNumber(in folder: String, _ matches: (Int) -> Bool) -> Int32? {
    withoutActuallyEscaping(matches) { matches in
        let search = Search(matches)
        // SAFETY: the C string and the context live for the call; the callback borrows the context.
        _ = unsafe folder.withCString { path in
            unsafe apus_for_each_number(
                path,
                { number, context in
                    let search = unsafe Unmanaged<Search>.fromOpaque(context!).takeUnretainedValue()
                    guard search.matches(number) else { return 0 }
                    search.found = Int32(truncatingIfNeeded: number)
                    return 1
                }, Unmanaged.passUnretained(search).toOpaque())
        }
        return search.found
    }
}

private final class Search {
    let matches: (Int) -> Bool
    var found: Int32?
    init(_ matches: @escaping (Int) -> Bool) { self.matches = matches }
}

private func isSame(_ path: String, _ file: FileIdentity) -> Bool {
    var other = FileIdentity(device: 0, inode: 0)
    // SAFETY: the C string and both fields live for the call.
    let result = unsafe path.withCString { unsafe apus_identity_at($0, &other.device, &other.inode) }
    return result == 0 && other.device == file.device && other.inode == file.inode
}

/// Whether a descriptor's fdinfo has a `lock:` line.
private func isLocked(_ path: String) -> Bool {
    do throws(Errno) {
        let text = try FileDescriptor.open(path, .readOnly).read(count: 4096, at: 0)
        let word = Array("\nlock:".utf8)
        return text.indices.contains { text[$0...].starts(with: word) }
    } catch { return false }
}
