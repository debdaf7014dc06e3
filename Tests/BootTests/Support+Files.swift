// Files that hold what a test says, gone when the test is.

import Foundation
import GuestMemory

@testable import Boot

final class TemporaryFile {
    let path: String

    init(_ bytes: [UInt8]) throws {
        path = NSTemporaryDirectory() + "/apus-boot-" + UUID().uuidString
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    /// Shortens the file in place, as a program that is still writing it would.
    func truncate(to size: UInt64) throws {
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try handle.truncate(atOffset: size)
        try handle.close()
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// The error that opening a kernel with these contents throws.
func openError(_ bytes: [UInt8]) throws -> KernelError? {
    let file = try TemporaryFile(bytes)
    do throws(KernelError) {
        _ = try KernelImage.open(file.path)
        return nil
    } catch { return error }
}

/// Opens and loads a kernel with these contents.
func load(
    _ bytes: [UInt8], into memory: GuestMemory, strategy: LoadStrategy = .map
) throws -> LoadedKernel {
    let file = try TemporaryFile(bytes)
    return try KernelImage.open(file.path).load(into: memory, strategy: strategy)
}

/// The error that loading a kernel with these contents throws.
func loadError(_ bytes: [UInt8], into memory: GuestMemory) throws -> KernelError? {
    let file = try TemporaryFile(bytes)
    let image = try KernelImage.open(file.path)
    do throws(KernelError) {
        _ = try image.load(into: memory)
        return nil
    } catch { return error }
}

func makeMemory(_ bytes: UInt64) throws -> GuestMemory {
    try GuestMemory(Layout.ramRanges(memory: bytes))
}

/// Bytes without zeroes and without a period of a page, so that a wrong offset shows.
func pattern(_ count: Int, seed: Int = 0) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: ($0 + seed) % 251 + 1) }
}

extension [UInt8] {
    /// Overwrites a field, little-endian.
    mutating func set<Value: FixedWidthInteger & UnsignedInteger>(_ value: Value, at offset: Int) {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: value)
        replaceSubrange(offset..<offset + bytes.count, with: bytes)
    }

    func setting<Value: FixedWidthInteger & UnsignedInteger>(_ value: Value, at offset: Int) -> [UInt8] {
        var copy = self
        copy.set(value, at: offset)
        return copy
    }
}
