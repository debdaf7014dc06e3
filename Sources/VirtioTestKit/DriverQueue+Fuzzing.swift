// Random chains, mostly plausible, so that a device gets past its first check.

import GuestMemory

extension DriverQueue {
    /// Fills the descriptor table, the indirect table and the available ring with random entries, and makes a random
    /// number of them available.
    public func scramble(with generator: inout SeededGenerator) throws {
        for index in 0..<size {
            try setDescriptor(index, randomDescriptor(&generator))
            try setDescriptor(in: indirectTable, index % 64, randomDescriptor(&generator))
        }
        for _ in 0..<UInt16.random(in: 1...size, using: &generator) {
            let isHostile = UInt8.random(in: 0..<32, using: &generator) == 0
            try makeAvailable(isHostile ? size : UInt16.random(in: 0..<size, using: &generator))
        }
        if UInt8.random(in: 0..<16, using: &generator) == 0 {
            try setAvailableIndex(UInt16.random(in: 0...UInt16.max, using: &generator))
        }
    }

    /// One descriptor in eight is hostile.
    private func randomDescriptor(_ generator: inout SeededGenerator) -> RawDescriptor {
        if UInt8.random(in: 0..<8, using: &generator) == 0 { return hostileDescriptor(&generator) }
        let flags: [UInt16] = [0, 0, 2, 2, 1, 3]
        return RawDescriptor(
            UInt64.random(in: 0..<(memory.count / 2), using: &generator),
            [0, 1, 15, 16, 17, 512, 1024, 4096].randomElement(using: &generator)!,
            flags: flags.randomElement(using: &generator)!,
            next: UInt16.random(in: 0..<size, using: &generator))
    }

    private func hostileDescriptor(_ generator: inout SeededGenerator) -> RawDescriptor {
        let addresses: [UInt64] = [
            0, indirectTable.rawValue, indirectTable.rawValue, descriptorTable.rawValue, usedRing.rawValue,
            memory.count - 1, memory.count, UInt64.max,
        ]
        let counts: [UInt32] = [0, 1, 16, 32, 16 * 64, 4096, UInt32.max]
        let flags: [UInt16] = [0, 1, 2, 3, 4, 4, 4, 5, 7, 0xFFFF]
        return RawDescriptor(
            addresses.randomElement(using: &generator)!, counts.randomElement(using: &generator)!,
            flags: flags.randomElement(using: &generator)!,
            next: UInt16.random(in: 0...UInt16.max, using: &generator) % (size + 1))
    }
}
