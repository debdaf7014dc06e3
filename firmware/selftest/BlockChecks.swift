// The checks of the first block device, in the order in which they run.
import Hardware

/// What the self-test leaves on a writable disk: sector 1, its word `i` being "APUS" and `i`.
private enum TestSector {
    static let number: UInt64 = 1

    static func word(_ index: UInt64) -> UInt64 { 0x5355_5041_0000_0000 | index }
}

private let wordsPerSector = UInt64(BlockDevice.sectorSize / 8)

extension Report {
    /// Runs every block check on `transport`.
    mutating func checkBlock(_ transport: VirtioMMIO) {
        check("block-configuration-widths") { () throws(Failure) in try checkConfigurationWidths(transport) }
        check("block-absent-queue") { () throws(Failure) in try checkAbsentQueue(transport) }
        check("block-read") { () throws(Failure) in try checkRead(transport) }
        check("block-id") { () throws(Failure) in try checkID(transport) }
        check("block-write") { () throws(Failure) in try checkWrite(transport) }
        check("block-past-end") { () throws(Failure) in try checkPastEnd(transport) }
        check("block-unknown-request") { () throws(Failure) in try checkUnknownRequest(transport) }
        check("block-interrupt") { () throws(Failure) in try checkInterrupt(transport, wanted: 0) }

        let ringFeatures = VirtioMMIO.Feature.indirectDescriptors | VirtioMMIO.Feature.eventIndex
        if transport.offeredFeatures & ringFeatures == 0 {
            skip("block-ring-features", because: "neither indirect descriptors nor the event index is offered")
        } else {
            check("block-ring-features") { () throws(Failure) in
                try checkInterrupt(transport, wanted: ringFeatures)
            }
        }
        check("block-reset") { () throws(Failure) in try transport.reset() }
    }

    /// One line in their place on a machine without a disk.
    mutating func skipBlock() {
        skip("block", because: "no disk")
    }
}

/// The capacity reads the same at every width that configuration space has.
private func checkConfigurationWidths(_ transport: VirtioMMIO) throws(Failure) {
    let field = transport.configuration
    let whole = load64(field)
    guard whole != 0 else { throw Failure("capacity in sectors", whole) }
    for offset in UInt64(0)..<8 {
        let shift = offset * 8
        try expect(load8(field + offset), is: UInt8(truncatingIfNeeded: whole >> shift), "8-bit read gave")
        if offset % 2 == 0 {
            try expect(load16(field + offset), is: UInt16(truncatingIfNeeded: whole >> shift), "16-bit read gave")
        }
        if offset % 4 == 0 {
            try expect(load32(field + offset), is: UInt32(truncatingIfNeeded: whole >> shift), "32-bit read gave")
        }
    }
}

/// A queue that the device does not have says that its largest size is 0.
private func checkAbsentQueue(_ transport: VirtioMMIO) throws(Failure) {
    transport[.queueSelect] = 255
    try expect(transport[.queueSizeMax], is: 0, "largest size of queue 255")
    transport[.queueSelect] = 0
}

/// Reads sector 0, and prints the sum of its words so that the host can compare.
private func checkRead(_ transport: VirtioMMIO) throws(Failure) {
    var disk = try BlockDevice(transport, wanted: 0)
    let status = try disk.perform(.read, length: BlockDevice.sectorSize)
    try expect(status, is: BlockDevice.Status.ok, "status")
    var sum: UInt64 = 0
    for index in 0..<wordsPerSector { sum &+= load64(disk.data + index * 8) }
    SerialPort.write("# sector 0: sum of its 64-bit words ")
    SerialPort.write(hexadecimal: sum)
    SerialPort.endLine()
}

private func checkID(_ transport: VirtioMMIO) throws(Failure) {
    let length = 20
    var disk = try BlockDevice(transport, wanted: 0)
    for offset in 0..<UInt64(length) { store8(disk.data + offset, 0) }
    try expect(try disk.perform(.getID, length: length), is: BlockDevice.Status.ok, "status")
    SerialPort.write("# disk identifier '")
    for offset in 0..<UInt64(length) {
        let byte = load8(disk.data + offset)
        if byte == 0 { break }
        SerialPort.write(byte: byte)
    }
    SerialPort.write("'")
    SerialPort.endLine()
}

/// Writes a sector, flushes, and reads it back; on a read-only disk the write has to be refused.
private func checkWrite(_ transport: VirtioMMIO) throws(Failure) {
    var disk = try BlockDevice(transport, wanted: BlockDevice.Feature.readOnly | BlockDevice.Feature.flush)
    for index in 0..<wordsPerSector { store64(disk.data + index * 8, TestSector.word(index)) }
    let status = try disk.perform(.write, sector: TestSector.number, length: BlockDevice.sectorSize)
    if disk.isReadOnly {
        return try expect(status, is: BlockDevice.Status.ioError, "status of a write to a read-only disk")
    }
    try expect(status, is: BlockDevice.Status.ok, "status of the write")

    if disk.canFlush {
        try expect(try disk.perform(.flush), is: BlockDevice.Status.ok, "status of the flush")
    }

    for index in 0..<wordsPerSector { store64(disk.data + index * 8, 0) }
    let readStatus = try disk.perform(.read, sector: TestSector.number, length: BlockDevice.sectorSize)
    try expect(readStatus, is: BlockDevice.Status.ok, "status of the read")
    for index in 0..<wordsPerSector {
        guard load64(disk.data + index * 8) == TestSector.word(index) else {
            throw Failure("wrong contents in word", index)
        }
    }
}

/// A read that begins at the end, one that only crosses it, and one whose end does not fit in 64 bits.
private func checkPastEnd(_ transport: VirtioMMIO) throws(Failure) {
    var disk = try BlockDevice(transport, wanted: 0)
    let capacity = disk.capacity
    let sector = BlockDevice.sectorSize
    let beyond = try disk.perform(.read, sector: capacity, length: sector)
    try expect(beyond, is: BlockDevice.Status.ioError, "status at the end")
    let across = try disk.perform(.read, sector: capacity - 1, length: 2 * sector)
    try expect(across, is: BlockDevice.Status.ioError, "status across the end")
    let wrapping = try disk.perform(.read, sector: UInt64.max, length: sector)
    try expect(wrapping, is: BlockDevice.Status.ioError, "status at the last sector number there is")
}

private func checkUnknownRequest(_ transport: VirtioMMIO) throws(Failure) {
    var disk = try BlockDevice(transport, wanted: 0)
    try expect(try disk.perform(.unknown), is: BlockDevice.Status.unsupported, "status")
}

/// Reads sector 0 three times, asleep until the device's own interrupt: one interrupt for each.
private func checkInterrupt(_ transport: VirtioMMIO, wanted: UInt64) throws(Failure) {
    var disk = try BlockDevice(transport, wanted: wanted)
    IOAPIC.route(transport.globalInterrupt, to: InterruptTable.Vector.device)
    defer { IOAPIC.mask(transport.globalInterrupt) }
    for _ in 0..<3 {
        let before = IOAPIC.deviceInterrupts
        let status = try disk.perform(.read, length: BlockDevice.sectorSize, completion: .interrupt)
        try expect(status, is: BlockDevice.Status.ok, "status")
        try expect(IOAPIC.deviceInterrupts &- before, is: 1, "interrupts for one request")
    }
}
