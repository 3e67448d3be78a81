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
        self.board = Board()
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

        init(jobs: Int, job: @escaping @Sendable (Int) -> Void) { (self.jobs, self.job) = (jobs, job) }

        /// Takes jobs until none is left; true for the worker that finished the last.
        func work() -> Bool {
            var last = false
            while true {
                let index = next.add(1, ordering: .relaxed).oldValue
                guard index < jobs else { return last }
                job(index)
                last = finished.add(1, ordering: .acquiringAndReleasing).newValue == jobs
            }
        }
    }

    /// Where workers wait for a round. `@unchecked Sendable`: the mutable fields are touched under `mutex` only.
    private final class Board: @unchecked Sendable {
        private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
        private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
        private var round: Round?
        private var number = 0
        private var isClosed = false

        init() {
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

        func close() {
            locked {
                isClosed = true
                pthread_cond_broadcast(changed)
            }
        }

        func run(_ round: Round) {
            locked {
                self.round = round
                number += 1
                pthread_cond_broadcast(changed)
            }
            _ = round.work()
            locked {
                while round.finished.load(ordering: .acquiring) < round.jobs { pthread_cond_wait(changed, mutex) }
                self.round = nil
            }
        }

        func work() {
            var seen = 0
            while true {
                let next: Round? = locked {
                    while !isClosed && (round == nil || number == seen) { pthread_cond_wait(changed, mutex) }
                    seen = number
                    return isClosed ? nil : round
                }
                guard let next else { return }
                if next.work() { locked { _ = pthread_cond_broadcast(changed) } }
            }
        }
    }
}
