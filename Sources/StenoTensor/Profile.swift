import CKernels
import Glibc

/// Where the time of a tape goes, by operation: what one worker does, forward and backward, and how much of it is
/// matrix products.
///
/// Forward, an operation's time is that since the last one was recorded; so it holds what led to it as well.
package final class Profile: @unchecked Sendable {  // one worker has it at a time
    package struct Entry: Sendable {
        package var calls = 0
        package var forwardSeconds = 0.0
        package var backwardSeconds = 0.0
        /// Within these.
        package var productSeconds = 0.0
        /// Multiplications and additions of the products.
        package var productOperations = 0.0

        package init() {}

        package static func += (a: inout Entry, b: Entry) {
            a.calls += b.calls
            a.forwardSeconds += b.forwardSeconds
            a.backwardSeconds += b.backwardSeconds
            a.productSeconds += b.productSeconds
            a.productOperations += b.productOperations
        }
    }

    package private(set) var entries: [String: Entry] = [:]
    private var last = Moment()

    package init() {}

    /// A point in time, with what the calling thread has spent in products up to it.
    private struct Moment {
        var seconds = 0.0
        var products = 0.0
        var operations = 0.0

        static var now: Moment {
            var (time, moment) = (timespec(), Moment())
            clock_gettime(CLOCK_MONOTONIC, &time)
            moment.seconds = Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
            steno_product_totals(&moment.products, &moment.operations)
            return moment
        }
    }

    /// What comes next is measured from here.
    package func start() { last = .now }

    /// The time since the last call was `operation`'s.
    package func add(_ operation: String, isBackward: Bool = false) {
        let now = Moment.now
        var entry = Entry()
        entry.calls = isBackward ? 0 : 1
        if isBackward {
            entry.backwardSeconds = now.seconds - last.seconds
        } else {
            entry.forwardSeconds = now.seconds - last.seconds
        }
        entry.productSeconds = now.products - last.products
        entry.productOperations = now.operations - last.operations
        entries[operation, default: Entry()] += entry
        last = now
    }
}
