import Foundation

/// Numbered jobs on threads of their own; their results come to one caller in the order of the numbers.
///
/// A job is begun only when the results before it, but for some, have been taken: what waits to be taken is bounded.
/// `@unchecked Sendable`: the mutable fields are touched under `changed` only.
package final class OrderedJobs<Result: Sendable>: @unchecked Sendable {
    private let count: Int
    private let ahead: Int
    private let job: @Sendable (Int) -> Result
    private let changed = NSCondition()
    private var begun = 0
    private var taken = 0
    private var results: [Int: Result] = [:]
    private var threads: Int
    private var isEnded = false

    /// Begins jobs 0 ..< count.
    package init(count: Int, threads: Int, job: @escaping @Sendable (Int) -> Result) {
        self.count = count
        self.threads = min(threads, count)
        ahead = 8 * threads
        self.job = job
        for _ in 0..<self.threads { Thread { self.work() }.start() }
    }

    /// Whether all results have been taken.
    package var isFinished: Bool { locked { taken == count } }

    /// The next result in order; nil if it is not there after so many seconds.
    package func next(within seconds: Double) -> Result? {
        locked {
            let end = Date(timeIntervalSinceNow: seconds)
            while results[taken] == nil { if !changed.wait(until: end) { return nil } }
            defer {
                taken += 1
                changed.broadcast()
            }
            return results.removeValue(forKey: taken)
        }
    }

    /// Begins no more jobs and returns when those that were begun are done, or after so many seconds: one may wait for
    /// a pipe that gives nothing.
    package func end(within seconds: Double) {
        locked {
            let end = Date(timeIntervalSinceNow: seconds)
            isEnded = true
            changed.broadcast()
            while threads > 0 && changed.wait(until: end) {}
        }
    }

    private func work() {
        while let number = nextNumber() {
            let result = job(number)
            locked {
                results[number] = result
                changed.broadcast()
            }
        }
    }

    /// The next job to begin, once it may be; nil when there is none, and the thread is then done.
    private func nextNumber() -> Int? {
        locked {
            while !isEnded && begun < count && begun >= taken + ahead { changed.wait() }
            guard !isEnded && begun < count else {
                threads -= 1
                changed.broadcast()
                return nil
            }
            defer { begun += 1 }
            return begun
        }
    }

    private func locked<Value>(_ body: () -> Value) -> Value {
        changed.lock()
        defer { changed.unlock() }
        return body()
    }
}
