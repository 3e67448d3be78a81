import CKernels
import Glibc
import Synchronization

/// A fixed set of threads that run numbered jobs. The calling thread works too, so one worker means no thread at all.
///
/// Threads, not tasks: each keeps oneDNN's products on itself (the setting is a thread's own) and blocks while it waits.
package final class Workers: Sendable {
    package let count: Int
    private let board: Board

    /// - Parameter count: workers, the caller included; at least 1.
    package init(count: Int) {
        precondition(count >= 1, "at least one worker")
        self.count = count
        self.board = Board(isPatient: count <= sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        for _ in 1..<count {
            let context = Unmanaged.passRetained(board)
            var thread = pthread_t()
            let status = pthread_create(
                &thread, nil,
                { raw in
                    steno_use_single_threaded_products()
                    if let raw { Unmanaged<Board>.fromOpaque(raw).takeRetainedValue().work() }
                    return nil
                }, context.toOpaque())
            precondition(status == 0, "a thread could not be started: \(status)")
            pthread_detach(thread)
        }
    }

    deinit { board.close() }

    /// Runs `job` for 0 ..< jobs, each once, on whichever worker is free; returns when all are done.
    package func run(jobs: Int, _ job: @escaping @Sendable (Int) -> Void) {
        steno_use_single_threaded_products()
        if count == 1 || jobs == 1 {
            for index in 0..<jobs { job(index) }
        } else {
            board.run(Round(jobs: jobs, job: job))
        }
    }

    /// One call of `run`: the next number to take and how many are still to be finished.
    private final class Round: Sendable {
        let jobs: Int
        let job: @Sendable (Int) -> Void
        let next = Atomic<Int>(0)
        let finished = Atomic<Int>(0)
        var isFinished: Bool { finished.load(ordering: .sequentiallyConsistent) == jobs }

        init(jobs: Int, job: @escaping @Sendable (Int) -> Void) { (self.jobs, self.job) = (jobs, job) }

        /// Takes jobs until none is left; true for the worker that finished the last.
        func work() -> Bool {
            var last = false
            while true {
                let index = next.add(1, ordering: .relaxed).oldValue
                guard index < jobs else { return last }
                job(index)
                last = finished.add(1, ordering: .sequentiallyConsistent).newValue == jobs
            }
        }
    }

    /// Where workers wait for a round, and callers for its end. Short operations follow each other closely, and to wake a
    /// thread takes longer than many of them: so whoever waits looks for a while before it sleeps, about as long as waking
    /// takes, and never waits at much more than twice the cost of the better of the two.
    ///
    /// `@unchecked Sendable`: the mutable fields are touched under `mutex` only.
    private final class Board: @unchecked Sendable {
        /// How long to look before sleeping, in nanoseconds; not at all where threads have to share processors.
        private let patience: Int64

        private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
        private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
        private var round: Round?
        private var isClosed = false
        /// Changes of the two above.
        private let changes = Atomic<Int>(0)
        /// Callers that sleep until their round is finished.
        private let sleepingCallers = Atomic<Int>(0)

        init(isPatient: Bool) {
            patience = isPatient ? 50_000 : 0
            pthread_mutex_init(mutex, nil)
            pthread_cond_init(changed, nil)
        }

        deinit {
            pthread_cond_destroy(changed)
            pthread_mutex_destroy(mutex)
            changed.deallocate()
            mutex.deallocate()
        }

        private func locked<Result>(_ body: () -> Result) -> Result {
            pthread_mutex_lock(mutex)
            defer { pthread_mutex_unlock(mutex) }
            return body()
        }

        private func change(_ body: () -> Void) {
            locked {
                body()
                changes.add(1, ordering: .releasing)
                pthread_cond_broadcast(changed)
            }
        }

        func close() { change { isClosed = true } }

        func run(_ round: Round) {
            change { self.round = round }
            _ = round.work()
            look { round.isFinished }
            locked {
                if !round.isFinished {
                    sleepingCallers.add(1, ordering: .sequentiallyConsistent)
                    while !round.isFinished { pthread_cond_wait(changed, mutex) }
                    sleepingCallers.subtract(1, ordering: .sequentiallyConsistent)
                }
                // Another caller may have put up its own since.
                if self.round === round { self.round = nil }
            }
        }

        func work() {
            var seen = 0
            while true {
                look { changes.load(ordering: .acquiring) != seen }
                let (next, isClosed): (Round?, Bool) = locked {
                    while changes.load(ordering: .acquiring) == seen { pthread_cond_wait(changed, mutex) }
                    seen = changes.load(ordering: .acquiring)
                    return (round, self.isClosed)
                }
                if isClosed { return }
                // Either the caller sees that the last job is finished, or it is counted as sleeping before this looks.
                if let next, next.work(), sleepingCallers.load(ordering: .sequentiallyConsistent) > 0 {
                    locked { _ = pthread_cond_broadcast(changed) }
                }
            }
        }

        /// Returns when something has come about, or after a while.
        private func look(_ hasComeAbout: () -> Bool) {
            let end = Self.now + patience
            repeat {
                for _ in 0..<16 {
                    if hasComeAbout() { return }
                    steno_pause()
                }
            } while Self.now < end
        }

        private static var now: Int64 {
            var time = timespec()
            clock_gettime(CLOCK_MONOTONIC, &time)
            return 1_000_000_000 * Int64(time.tv_sec) + Int64(time.tv_nsec)
        }
    }
}
