import Glibc
import Testing

@testable import Host

@Suite struct ThreadTests {
    @Test func runsItsBodyUnderItsName() throws {
        let name = Mutex("")
        let thread = try Thread(name: "vcpu-31") {
            let bytes = try? FileDescriptor.open("/proc/thread-self/comm", .readOnly).read(count: 32, at: 0)
            name.withLock { $0 = String(decoding: bytes ?? [], as: UTF8.self) }
        }
        thread.join()
        #expect(name.withLock { $0 } == "vcpu-31\n")
    }

    @Test func kickEndsABlockingCall() throws {
        Thread.makeKickSignalInterrupt()
        let finished = try EventFD()
        let thread = try Thread(name: "blocked") {
            var descriptor = pollfd(fd: -1, events: 0, revents: 0)
            #expect(poll(&descriptor, 1, -1) == -1)
            #expect(errno == EINTR)
            finished.signal()
        }
        // A kick may come before the thread has reached poll, and then is lost: kick again until it is through.
        let loop = try EventLoop()
        try loop.add(finished.rawValue, .readable) {}
        repeat { thread.kick() } while try !loop.runOnce(timeoutMilliseconds: 10)
        thread.join()
    }

    @Test func kickReachesAThreadWhoseMakerBlocksTheSignal() throws {
        var kick = sigset_t()
        sigemptyset(&kick)
        sigaddset(&kick, SIGUSR1)
        var before = sigset_t()
        pthread_sigmask(SIG_BLOCK, &kick, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        let isBlocked = Mutex(true)

        let thread = try Thread(name: "masked") {
            var mask = sigset_t()
            pthread_sigmask(SIG_BLOCK, nil, &mask)
            isBlocked.withLock { $0 = sigismember(&mask, SIGUSR1) == 1 }
        }
        thread.join()

        #expect(!isBlocked.withLock { $0 })
    }

    @Test func mutexExcludes() throws {
        let counter = Mutex(0)
        let threads = try (0..<4).map { _ in
            try Thread(name: "adder") {
                for _ in 0..<10_000 { counter.withLock { $0 += 1 } }
            }
        }
        for thread in threads { thread.join() }
        #expect(counter.withLock { $0 } == 40_000)
    }
}
