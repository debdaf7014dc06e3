// Mutual exclusion. Embedded Swift has `Atomic` but not `Synchronization.Mutex`, so this wraps pthread_mutex_t.

internal import CShims

/// A lock that guards a value.
@safe
public final class Mutex<Value>: @unchecked Sendable {
    // @unchecked: every access to `value` is inside the lock.
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private var value: Value

    public init(_ value: consuming Value) {
        self.value = value
        // SAFETY: allocated and initialised once, freed in deinit: a pthread mutex must not move.
        unsafe lock = .allocate(capacity: 1)
        unsafe lock.initialize(to: pthread_mutex_t())
        unsafe pthread_mutex_init(lock, nil)
    }

    deinit {
        // SAFETY: nobody else has a reference any more, so nobody holds the lock.
        unsafe pthread_mutex_destroy(lock)
        unsafe lock.deallocate()
    }

    public func withLock<Result, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // SAFETY: the lock lives as long as this object.
        unsafe pthread_mutex_lock(lock)
        defer { unsafe pthread_mutex_unlock(lock) }
        return try body(&value)
    }
}
