import Foundation
import Steno
import Synchronization
import Testing

@Suite("Ordered jobs")
struct OrderedJobsTests {
    @Test(arguments: [1, 3, 8])
    func resultsComeInOrder(threads: Int) {
        let jobs = OrderedJobs(count: 200, threads: threads) { number in
            usleep(UInt32(number * 7919 % 13) * 20)
            return number * number
        }
        var results: [Int] = []
        while !jobs.isFinished { if let result = jobs.next(within: 10) { results.append(result) } }
        jobs.end(within: 10)
        #expect(results == (0..<200).map { $0 * $0 })
    }

    @Test func noMoreAreBegunThanAreSoonTaken() {
        let begun = Atomic<Int>(0)
        let jobs = OrderedJobs(count: 100, threads: 2) { _ in _ = begun.add(1, ordering: .relaxed) }
        for taken in 1...3 {
            while jobs.next(within: 10) == nil {}
            #expect(begun.load(ordering: .relaxed) <= taken + 16)
        }
        jobs.end(within: 10)
        #expect(begun.load(ordering: .relaxed) <= 3 + 16)
    }
}
