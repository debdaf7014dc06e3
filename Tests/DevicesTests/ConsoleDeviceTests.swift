import Foundation
import GuestMemory
import Host
import Testing
import Virtio
import VirtioTestKit

@testable import Devices

/// A console between two pipes, its driver, and a main loop that the test turns by hand.
final class ConsoleFixture {
    let input: Pipe
    let output: Pipe
    let loop: EventLoop
    let memory: GuestMemory
    let consoleOutput: ConsoleOutput
    let device: ConsoleDevice
    let driver: DriverMock
    var receive: DriverQueue
    var transmit: DriverQueue

    /// - Parameters:
    ///   - stdin: a file to read instead of the pipe, unless empty.
    ///   - stdout: a file to write instead of the pipe, unless empty.
    init(stdin: String = "", stdout: String = "", isTerminal: Bool = false) throws {
        SignalFD.ignoreFailedWrites()
        input = Pipe()
        output = Pipe()
        loop = try EventLoop()
        memory = try GuestMemory([(GuestAddress(0), 0x40000)])
        consoleOutput = try ConsoleOutput(
            try stdout.isEmpty ? output.takeWriter() : .open(stdout, .readWrite))
        let sink = CommandSink()
        self.sink = sink
        let consoleInput = ConsoleInput(
            try stdin.isEmpty ? input.takeReader() : .open(stdin, .readOnly),
            onCommand: isTerminal ? { sink.commands.append($0) } : nil)
        device = try ConsoleDevice(
            input: consoleInput, output: consoleOutput, columns: 80, rows: 25, memory: memory)
        driver = DriverMock(MMIOTransport(device))
        receive = DriverQueue(memory, base: 0x10000, size: 64)
        transmit = DriverQueue(memory, base: 0x18000, size: 64)
        try device.attach(to: loop)
    }

    final class CommandSink { var commands: [EscapeFilter.Command] = [] }
    let sink: CommandSink

    /// - Parameter isInputOpen: whether the guest counts as up at once, so that input flows.
    func start(isInputOpen: Bool = true) throws {
        driver.reset()
        try memory.fill(0, at: GuestAddress(0x10000), count: 0x10000)
        receive = DriverQueue(memory, base: 0x10000, size: 64)
        transmit = DriverQueue(memory, base: 0x18000, size: 64)
        try driver.start([receive, transmit], without: .eventIndex)
        if isInputOpen { device.openInput() }
    }

    func say(_ text: [UInt8]) throws {
        try memory.writeBytes(text, at: GuestAddress(0x1000))
        try transmit.add([.readable(0x1000, UInt32(text.count))])
        driver.ring(1)
    }

    /// What the next received chain holds.
    func heard() throws -> String? {
        guard let used = try receive.takeUsed() else { return nil }
        let descriptor = try memory.read(
            UInt64.self, at: GuestAddress(receive.descriptorTable.rawValue + 16 * UInt64(used.head)))
        return String(
            decoding: try memory.readBytes(at: GuestAddress(descriptor), count: Int(used.written)), as: UTF8.self)
    }

    func lend(_ address: UInt64, _ count: UInt32) throws {
        try receive.add([.writable(address, count)])
        driver.ring(0)
    }
}

@Suite struct ConsoleInputOpeningTests {
    @Test func inputWaitsUntilARunningDriverReadsTheSize() throws {
        let console = try ConsoleFixture()
        try console.start(isInputOpen: false)
        try console.lend(0x2000, 64)
        try console.input.write(Array("early".utf8))
        while try console.loop.runOnce(timeoutMilliseconds: 0) {}
        try console.say(Array("the log, replayed".utf8))
        while try console.loop.runOnce(timeoutMilliseconds: 0) {}
        #expect(try console.heard() == nil)

        _ = console.driver.transport.read(offset: 0x100, width: 2)
        while try console.loop.runOnce(timeoutMilliseconds: 0) {}

        #expect(try console.heard() == "early")
    }

    @Test func inputFlowsOnceTheMachineSaysSo() throws {
        let console = try ConsoleFixture()
        try console.start(isInputOpen: false)
        try console.lend(0x2000, 64)
        try console.input.write(Array("early".utf8))

        console.device.openInput()
        while try console.loop.runOnce(timeoutMilliseconds: 0) {}

        #expect(try console.heard() == "early")
    }

    @Test func driverThatReadsNoSizeGetsItsInputAfterADelay() throws {
        let console = try ConsoleFixture()
        try console.start(isInputOpen: false)
        try console.lend(0x2000, 64)
        try console.input.write(Array("early".utf8))

        var heard: String?
        while heard == nil {
            try console.loop.runOnce(timeoutMilliseconds: -1)
            heard = try console.heard()
        }

        #expect(heard == "early")
    }

    @Test func aResetMakesInputWaitAgain() throws {
        let console = try ConsoleFixture()
        try console.start()
        try console.start(isInputOpen: false)
        try console.lend(0x2000, 64)

        try console.input.write(Array("early".utf8))
        while try console.loop.runOnce(timeoutMilliseconds: 0) {}

        #expect(try console.heard() == nil)
    }
}

@Suite struct ConsoleDeviceTests {
    // MARK: Configuration

    @Test func showsAndChangesItsSize() throws {
        let console = try ConsoleFixture()
        try console.start()
        #expect(console.driver[DriverMock.Register.deviceID] == 3)
        #expect(console.driver[DriverMock.Register.configuration] == 25 << 16 | 80)
        #expect(console.driver[DriverMock.Register.configuration + 4] == 1)
        let generation = console.driver[DriverMock.Register.configurationGeneration]
        console.driver.transport.interrupt.drain()

        console.device.resize(columns: 132, rows: 43)

        #expect(console.driver[DriverMock.Register.configuration] == 43 << 16 | 132)
        #expect(console.driver[DriverMock.Register.configurationGeneration] > generation)
        #expect(console.driver[DriverMock.Register.interruptStatus] == 2)
        #expect(console.driver.transport.interrupt.drain() == 1)
    }

    @Test func resizesInSilenceWithoutADriver() throws {
        let console = try ConsoleFixture()
        console.device.resize(columns: 132, rows: 43)
        #expect(console.driver[DriverMock.Register.configuration] == 43 << 16 | 132)
        #expect(console.driver.transport.interrupt.drain() == 0)
    }

    @Test func writesInAnEmergencyBeforeThereIsADriver() throws {
        let console = try ConsoleFixture()
        console.driver[DriverMock.Register.configuration + 8] = UInt32(UInt8(ascii: "!"))
        #expect(try console.output.read(1) == Array("!".utf8))
    }

    // MARK: Output

    @Test func printsWhatTheGuestSays() throws {
        let console = try ConsoleFixture()
        try console.start()
        try console.say(Array("hello".utf8))
        try console.loop.runReady()
        #expect(try console.transmit.takeUsed() == UsedElement(head: 0, written: 0))
        #expect(try console.output.read(5) == Array("hello".utf8))
    }

    @Test func printsAChainInPieces() throws {
        let console = try ConsoleFixture()
        try console.start()
        try console.memory.writeBytes(Array("abcdef".utf8), at: GuestAddress(0x1000))
        try console.transmit.addIndirect([.readable(0x1000, 1), .readable(0x1001, 0), .readable(0x1003, 3)])
        console.driver.ring(1)
        try console.loop.runReady()
        #expect(try console.output.read(4) == Array("adef".utf8))
    }

    @Test func aSlowReaderHoldsTheGuestBackAndLosesNothing() throws {
        let console = try ConsoleFixture()
        try console.start()
        let block = (0..<8192).map { UInt8(truncatingIfNeeded: $0 / 31) }
        // 64 × 8 KiB: far more than the pipe (64 KiB) and the buffers take.
        try console.memory.writeBytes(block, at: GuestAddress(0x1000))
        for _ in 0..<64 { try console.transmit.add([.readable(0x1000, 8192)]) }
        console.driver.ring(1)
        try console.loop.run { try console.transmit.usedIndex() >= 4 }
        try console.loop.runReady()
        #expect(try console.transmit.usedIndex() < 64)

        let received = Mutex<[UInt8]>([])
        let reader = try Thread(name: "reader") {
            let bytes = (try? console.output.read(64 * 8192)) ?? []
            received.withLock { $0 = bytes }
        }
        try console.loop.run { try console.transmit.usedIndex() == 64 }
        reader.join()

        #expect(received.withLock { $0 } == (0..<64).flatMap { _ in block })
    }

    @Test func aResetForgetsAChainThatWasHeldBack() throws {
        let console = try ConsoleFixture()
        try console.start()
        for _ in 0..<30 { try console.transmit.add([.readable(0x1000, 8192)]) }
        console.driver.ring(1)
        try console.loop.run { try console.transmit.usedIndex() >= 4 }
        console.driver.reset()
        let used = try console.transmit.usedIndex()

        let reader = try Thread(name: "reader") { _ = try? console.output.read(Int(used) * 8192) }
        reader.join()
        try console.loop.runReady()
        #expect(try console.transmit.usedIndex() == used)

        try console.start()
        try console.say(Array("hello".utf8))
        try console.loop.run { try console.transmit.usedIndex() == 1 }
    }

    @Test func aClosedReaderIsRememberedAndTheGuestGoesOn() throws {
        let console = try ConsoleFixture()
        try console.start()
        _ = console.output.takeReader()
        for round in 1...200 as ClosedRange<UInt16> {
            try console.say([UInt8](repeating: 1, count: 4096))
            try console.loop.run { try console.transmit.usedIndex() == round }
        }
        #expect(console.consoleOutput.failure == .brokenPipe)
        #expect(!console.driver.status.contains(.needsReset))
    }

    @Test func stopWritesWhatIsLeft() throws {
        let console = try ConsoleFixture()
        try console.start()
        try console.say([UInt8](repeating: 3, count: 10_000))
        try console.loop.runReady()
        try console.consoleOutput.stop(graceMilliseconds: 10_000)
        #expect(try console.output.read(10_000) == [UInt8](repeating: 3, count: 10_000))
        try console.consoleOutput.stop(graceMilliseconds: 0)
    }

    @Test func stopDoesNotWaitForAReaderThatStandsStill() throws {
        let console = try ConsoleFixture()
        try console.start()
        for _ in 0..<30 { try console.transmit.add([.readable(0x1000, 8192)]) }
        console.driver.ring(1)
        try console.loop.run { try console.transmit.usedIndex() >= 8 }
        try console.consoleOutput.stop(graceMilliseconds: 1)
    }

    @Test func aNonblockingOutputIsWaitedFor() throws {
        let pipe = Pipe()
        let writer = pipe.takeWriter()
        try #require(fcntl(writer.rawValue, F_SETFL, O_NONBLOCK) == 0)
        let output = try ConsoleOutput(writer)
        let room = try EventFD()
        let loop = try EventLoop()
        var hasRoom = false
        try loop.add(room.rawValue, .readable) { hasRoom = room.drain() > 0 }
        // 80 KiB: the pipe takes 64 KiB and then answers EAGAIN, the thread holds the rest.
        for _ in 0..<5 {
            hasRoom = false
            output.notifyOfRoom(room, atLeast: ConsoleOutput.capacity)
            try loop.run { hasRoom }
            output.append { bytes, room in bytes.append(contentsOf: repeatElement(1, count: room)) }
        }
        #expect(try pipe.read(80 << 10) == [UInt8](repeating: 1, count: 80 << 10))
        #expect(output.failure == nil)
        try output.stop(graceMilliseconds: 1)
    }

    @Test func whoWaitsTwiceForRoomIsToldOnce() throws {
        let pipe = Pipe()
        let output = try ConsoleOutput(pipe.takeWriter())
        let room = try EventFD()
        let loop = try EventLoop()
        try loop.add(room.rawValue, .readable) {}
        // Until the pipe is full, the thread waits, and the buffer is full too.
        repeat {
            output.append { bytes, room in bytes.append(contentsOf: repeatElement(1, count: room)) }
            output.notifyOfRoom(room, atLeast: 1)
        } while try loop.runOnce(timeoutMilliseconds: 200) && room.drain() > 0
        for _ in 0..<100 { output.notifyOfRoom(room, atLeast: 1) }
        _ = try pipe.read(64 << 10)
        #expect(try loop.runOnce(timeoutMilliseconds: 10_000))
        #expect(room.drain() == 1)
        try output.stop(graceMilliseconds: 1)
    }

    // MARK: Input

    @Test func inputReachesTheGuestsBuffers() throws {
        let console = try ConsoleFixture()
        try console.start()
        try console.lend(0x2000, 64)
        try console.loop.runReady()
        try console.input.write(Array("ls\n".utf8))
        try console.loop.runReady()
        #expect(try console.heard() == "ls\n")
        #expect(console.driver[DriverMock.Register.interruptStatus] == 1)
    }

    @Test func inputWaitsInThePipeUntilTheGuestLendsBuffers() throws {
        let console = try ConsoleFixture()
        try console.input.write(Array("before".utf8))
        try console.loop.runReady()
        try console.start()
        try console.loop.runReady()
        #expect(try console.input.pending() == 6)

        try console.lend(0x2000, 64)
        try console.loop.runReady()
        #expect(try console.heard() == "before")
        #expect(try console.input.pending() == 0)
    }

    @Test func inputWaitsInThePipeAgainOnceTheBuffersAreUsedUp() throws {
        let console = try ConsoleFixture()
        try console.start()
        try console.lend(0x2000, 64)
        try console.loop.runReady()
        try console.input.write(Array("first".utf8))
        try console.loop.runReady()
        #expect(try console.heard() == "first")

        try console.input.write(Array("second".utf8))
        _ = try console.loop.runOnce(timeoutMilliseconds: 0)

        #expect(try console.input.pending() == 6)
    }

    @Test func inputFillsSmallBuffersOneAfterAnother() throws {
        let console = try ConsoleFixture()
        try console.start()
        try console.lend(0x2000, 2)
        try console.lend(0x2100, 0)
        try console.lend(0x2200, 3)
        try console.input.write(Array("abcdefgh".utf8))
        try console.loop.runReady()
        #expect(try console.heard() == "ab")
        #expect(try console.heard() == "")
        #expect(try console.heard() == "cde")
        #expect(try console.heard() == nil)

        try console.lend(0x2300, 64)
        try console.loop.runReady()
        #expect(try console.heard() == "fgh")
    }

    @Test func theEndOfInputIsNoError() throws {
        let console = try ConsoleFixture()
        try console.start()
        try console.lend(0x2000, 64)
        try console.input.write(Array("last".utf8))
        _ = console.input.takeWriter()
        try console.loop.runReady()
        #expect(try console.heard() == "last")
        try console.lend(0x2100, 64)
        try console.loop.runReady()
        #expect(try console.heard() == nil)
        try console.say(Array("on".utf8))
        try console.loop.runReady()
        #expect(try console.output.read(2) == Array("on".utf8))
    }

    @Test func aPipeThatHangsUpBeforeTheGuestIsThereDoesNotKeepTheLoopBusy() throws {
        let console = try ConsoleFixture()
        try console.input.write(Array("script".utf8))
        _ = console.input.takeWriter()
        try console.loop.runReady()
        try console.start()
        try console.lend(0x2000, 64)
        try console.loop.runReady()
        #expect(try console.heard() == "script")
    }

    @Test func readsARegularFile() throws {
        let file = TemporaryFile(Array("from a file".utf8))
        let console = try ConsoleFixture(stdin: file.path)
        try console.start()
        try console.lend(0x2000, 4)
        try console.loop.runReady()
        #expect(try console.heard() == "from")
        try console.lend(0x2100, 64)
        try console.loop.runReady()
        #expect(try console.heard() == " a file")
    }

    @Test func readsNothingFromDevNull() throws {
        let console = try ConsoleFixture(stdin: "/dev/null")
        try console.start()
        try console.lend(0x2000, 4)
        try console.loop.runReady()
        #expect(try console.heard() == nil)
    }

    @Test func readsNoMoreThanTheGuestTakesOfAnEndlessFile() throws {
        let console = try ConsoleFixture(stdin: "/dev/zero")
        try console.start()
        try console.lend(0x2000, 4096)
        try console.loop.runReady()
        #expect(try console.receive.usedIndex() == 1)
    }

    @Test func aTerminalsEscapesAreHeardWithoutAGuest() throws {
        let console = try ConsoleFixture(isTerminal: true)
        try console.input.write(Array("a\u{1}hb\u{1}x".utf8))
        try console.loop.runReady()
        #expect(console.sink.commands == [.help, .quit])
        try console.start()
        try console.lend(0x2000, 64)
        try console.loop.runReady()
        #expect(try console.heard() == "ab")
    }

    @Test func whatIsTypedAheadIsBounded() throws {
        let console = try ConsoleFixture(isTerminal: true)
        try console.input.write([UInt8](repeating: UInt8(ascii: "a"), count: 20_000))
        try console.loop.runReady()
        try console.start()
        for index in 0..<4 as Range<UInt64> { try console.lend(0x2000 + index * 2048, 2048) }
        try console.loop.runReady()
        #expect(try console.heard()?.count == 2048)
        #expect(try console.heard()?.count == 2048)
        #expect(try console.heard() == nil)
    }

    @Test func anEndlessFileLeavesTheLoopItsTurns() throws {
        let console = try ConsoleFixture(stdin: "/dev/zero")
        try console.start()
        for index in 0..<32 as Range<UInt64> { try console.lend(0x2000 + index * 512, 512) }
        var turns: UInt16 = 0
        while try console.receive.usedIndex() < 32 {
            #expect(try console.loop.runOnce(timeoutMilliseconds: 10_000))
            turns += 1
            guard try console.receive.usedIndex() <= turns else { break }
        }
        #expect(turns >= 32)
    }

    // MARK: Hostile guests

    @Test func emptyBuffersLentWithoutEndLeaveTheLoopItsTurns() throws {
        let console = try ConsoleFixture()
        try console.start()
        // Every entry of the ring names descriptor 0, which is empty.
        let queue = console.receive
        try queue.setAvailableIndex(queue.size)
        let memory = console.memory
        let (ring, used) = (queue.availableRing.rawValue + 2, queue.usedRing.rawValue + 2)
        let end = MonotonicClock.now + 1_000_000_000
        let (isThere, isGone) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        DispatchQueue.global().async {
            isThere.signal()
            while MonotonicClock.now < end {
                let index = (try? memory.loadAcquire(at: GuestAddress(used))) ?? 0
                try? memory.storeRelease(index &+ 64, at: GuestAddress(ring))
            }
            isGone.signal()
        }
        isThere.wait()
        try console.input.write([1])
        while try queue.usedIndex() == 0 { try console.loop.runOnce(timeoutMilliseconds: 10_000) }
        #expect(try queue.usedIndex() == queue.size)
        isGone.wait()
    }

    @Test(arguments: [21, 22] as [UInt64])
    func survivesRandomChains(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let console = try ConsoleFixture(stdin: "/dev/zero", stdout: "/dev/null")
        for _ in 0..<200 {
            try console.start()
            try console.receive.scramble(with: &generator)
            try console.transmit.scramble(with: &generator)
            console.driver.ring(0)
            console.driver.ring(1)
            for _ in 0..<8 { _ = try console.loop.runOnce(timeoutMilliseconds: 0) }
        }
        try console.start()
        try console.lend(0x2000, 16)
        try console.say(Array("alive".utf8))
        try console.loop.run { try console.transmit.usedIndex() == 1 && console.receive.usedIndex() == 1 }
        try console.consoleOutput.stop(graceMilliseconds: 10_000)
    }
}
