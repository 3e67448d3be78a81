import Glibc
import StenoTensor
import Synchronization
import Testing

@Suite struct WorkersTests {
    private final class Counts: Sendable {
        private let counts: Mutex<[Int]>
        init(_ jobs: Int) { counts = Mutex([Int](repeating: 0, count: jobs)) }
        func add(_ index: Int) { counts.withLock { $0[index] += 1 } }
        var values: [Int] { counts.withLock { $0 } }
    }

    private final class Counter: Sendable {
        private let count = Atomic<Int>(0)
        func add() { count.add(1, ordering: .relaxed) }
        var value: Int { count.load(ordering: .relaxed) }
    }

    @Test(arguments: [1, 2, 3, 8], [0, 1, 2, 7, 100])
    func everyJobRunsExactlyOnce(workers: Int, jobs: Int) {
        let counts = Counts(jobs)
        Workers(count: workers).run(jobs: jobs) { counts.add($0) }
        #expect(counts.values == [Int](repeating: 1, count: jobs))
    }

    @Test func manyRoundsFollowEachOther() {
        let workers = Workers(count: 3)
        let counts = Counts(5)
        for round in 1...5000 {
            workers.run(jobs: 5) { counts.add($0) }
            guard counts.values == [Int](repeating: round, count: 5) else {
                Issue.record("round \(round): \(counts.values)")
                return
            }
        }
    }

    @Test func jobsMayRunJobs() {
        let workers = Workers(count: 4)
        let counts = Counts(6 * 5 * 3)
        for _ in 0..<200 {
            workers.run(jobs: 6) { i in
                workers.run(jobs: 5) { j in
                    workers.run(jobs: 3) { k in counts.add((i * 5 + j) * 3 + k) }
                }
            }
        }
        #expect(counts.values == [Int](repeating: 200, count: 90))
    }

    @Test func severalThreadsMayUseTheSameWorkers() async {
        let workers = Workers(count: 2)
        let counts = Counts(4 * 7)
        await withTaskGroup(of: Void.self) { group in
            for caller in 0..<4 {
                group.addTask {
                    for _ in 0..<200 { workers.run(jobs: 7) { counts.add(caller * 7 + $0) } }
                }
            }
        }
        #expect(counts.values == [Int](repeating: 200, count: 28))
    }

    /// In a process of its own, which a caller left waiting for ever would not leave before the alarm.
    @Test func theCallerWaitsForTheSlowest() async {
        await #expect(processExitsWith: .success) {
            alarm(60)
            let workers = Workers(count: 2)
            for _ in 0..<20 {
                let caller = pthread_self()
                let (started, slow) = (Counter(), Counter())
                workers.run(jobs: 2) { _ in
                    started.add()
                    while started.value < 2 { sched_yield() }  // so both workers have one job each
                    if pthread_equal(pthread_self(), caller) == 0 {
                        for _ in 0..<200_000 { slow.add() }
                    }
                }
                #expect(slow.value == 200_000)
            }
        }
    }

    /// In a process of its own, where nothing else starts threads.
    @Test func threadsEndWithTheirWorkers() async {
        await #expect(processExitsWith: .success) {
            alarm(60)
            func threads() -> Int {
                guard let folder = opendir("/proc/self/task") else { return 0 }
                defer { closedir(folder) }
                var count = 0
                while readdir(folder) != nil { count += 1 }
                return count
            }
            for _ in 0..<50 { Workers(count: 5).run(jobs: 3) { _ in } }
            while threads() > 50 { sched_yield() }
        }
    }

    @Test func severalWorkersGiveTheSameBitsAsOne() throws {
        for golden in try Goldens.load().cases where golden.name.contains("forward and backward") {
            let operation = try golden.operation()
            let upstream = golden.outputGradients.mapValues(\.tensor)
            let one = operation.gradients(upstream: upstream)
            let two = operation.gradients(upstream: upstream, workers: Workers(count: 2))
            for (name, output) in one.outputs { #expect(two.outputs[name]?.values == output.values, "\(name)") }
            for (name, gradient) in one.gradients { #expect(two.gradients[name]?.values == gradient.values, "\(name)") }
        }
    }

    @Test(arguments: [1, 8, 33], [1, 63, 130, 1000]) func columnsSpreadOverWorkersGiveTheSameBits(
        rows: Int, columns: Int
    ) {
        var random = RandomStream(key: 1)
        func matrix(_ rows: Int, _ columns: Int) -> Variable {
            let tensor = Tensor(zeros: [rows, columns])
            for index in 0..<tensor.count { tensor.pointer[index] = random.normal() }
            return Variable(constant: tensor)
        }
        let (x, weight) = (matrix(rows, 515), matrix(515, columns))
        let alone = Tape(Weights(zeros: Layout())).linear(x, weight: weight)
        for workers in [2, 3, 8] {
            let tape = Tape(Weights(zeros: Layout()), workers: Workers(count: workers))
            #expect(tape.linear(x, weight: weight).value.values == alone.value.values, "\(workers) workers")
        }
    }
}
