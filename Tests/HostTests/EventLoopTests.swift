import Testing

@testable import Host

@Suite struct EventLoopTests {
    @Test func runsTheHandlerOfAReadyDescriptor() throws {
        let loop = try EventLoop()
        let event = try EventFD()
        var signals: UInt64 = 0
        try loop.add(event.rawValue, .readable) { signals += event.drain() }
        event.signal()
        event.signal()

        #expect(try loop.runOnce(timeoutMilliseconds: 0))
        #expect(signals == 2)
        #expect(try !loop.runOnce(timeoutMilliseconds: 0))
    }

    @Test func stopsFromAHandlerThatAnotherThreadWoke() throws {
        let loop = try EventLoop()
        let event = try EventFD()
        try loop.add(event.rawValue, .readable) { loop.stop() }
        let thread = try Thread(name: "waker") { event.signal() }

        try loop.run()

        thread.join()
    }

    @Test func staysSilentAfterRemove() throws {
        let loop = try EventLoop()
        let event = try EventFD()
        try loop.add(event.rawValue, .readable) { Issue.record("a removed descriptor was handled") }
        event.signal()

        loop.remove(event.rawValue)

        #expect(try !loop.runOnce(timeoutMilliseconds: 0))
    }

    @Test func usesThePlaceOfARemovedDescriptorAgain() throws {
        let loop = try EventLoop()
        let first = try EventFD()
        let second = try EventFD()
        try loop.add(first.rawValue, .readable) { Issue.record("a removed descriptor was handled") }
        loop.remove(first.rawValue)
        var signals: UInt64 = 0

        try loop.add(second.rawValue, .readable) { signals += second.drain() }
        first.signal()
        second.signal()

        #expect(try loop.runOnce(timeoutMilliseconds: 0))
        #expect(signals == 1)
        #expect(try !loop.runOnce(timeoutMilliseconds: 0))
    }

    @Test func refusesARegularFile() throws {
        let loop = try EventLoop()
        let file = try TemporaryFile()
        let number = file.descriptor.rawValue
        #expect(throws: Errno.notPermitted) { try loop.add(number, .readable) {} }
    }

    @Test func firesATimer() throws {
        let loop = try EventLoop()
        let timer = try TimerFD()
        try loop.add(timer.rawValue, .readable) { loop.stop() }

        try timer.arm(afterNanoseconds: 0)

        try loop.run()
    }
}
