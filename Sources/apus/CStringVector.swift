// The argument vector of `execve` and `posix_spawn`: C strings in a table that ends with NULL.

import Glibc

/// A program's file and its arguments as C wants them; the file's name is argument 0.
@safe
struct CStringVector: ~Copyable {
    /// The texts, then NULL.
    private let table: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

    init(file: ByteString, arguments: [ByteString]) {
        // SAFETY: one entry for each text and one for the end, each initialised here.
        unsafe table = .allocate(capacity: 1 + arguments.count + 1)
        unsafe table.initialize(to: file.cString)
        for (index, argument) in arguments.enumerated() {
            unsafe (table + 1 + index).initialize(to: argument.cString)
        }
        unsafe (table + 1 + arguments.count).initialize(to: nil)
    }

    deinit {
        // SAFETY: the table is this value's own, and nobody else ever had a pointer to it.
        unsafe table.deallocate()
    }

    /// Replaces this process with the program, keeping the environment. Returns only where that failed: the errno.
    borrowing func execute() -> Int32 {
        // SAFETY: the table and its texts live through the call, and the table ends with NULL.
        unsafe execv(table[0]!, table)
        return errno
    }

    /// Starts the program as a child, keeping the environment.
    ///
    /// - Parameters:
    ///   - process: is set to the child's process id.
    ///   - descriptors: become the child's 0, 1 and 2.
    /// - Returns: 0, or the errno.
    borrowing func spawn(_ process: inout pid_t, descriptors: [Int32]) -> Int32 {
        // SAFETY: initialised here and destroyed below; the calls copy what they are given.
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        for (index, descriptor) in descriptors.enumerated() {
            unsafe posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(index))
        }
        // SAFETY: the table and its texts live through the call, and the table ends with NULL; one thread runs,
        // so nobody changes the environment meanwhile.
        let code = unsafe posix_spawn(&process, table[0]!, &actions, nil, table, environ)
        unsafe posix_spawn_file_actions_destroy(&actions)
        return code
    }
}
