// Reading a small file whole.

import CInit

/// Reads at most `buffer.count - 1` bytes and ends them with a zero byte.
/// - Returns: the number of bytes, 0 where the file cannot be read.
func readFile(_ path: StaticString, into buffer: UnsafeMutableBufferPointer<CChar>) -> Int {
    let file = cinit_open(cString(path), O_RDONLY | O_CLOEXEC)
    guard file >= 0 else {
        buffer[0] = 0
        return 0
    }
    let length = max(0, read(file, buffer.baseAddress!, buffer.count - 1))
    close(file)
    buffer[length] = 0
    return length
}
