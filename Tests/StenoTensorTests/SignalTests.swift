import Glibc
import StenoTensor
import Synchronization
import Testing

/// oneDNN's products use the heap as their stack; a signal handler must never run on top of that.
@Suite struct SignalTests {
    private static let isDone = Atomic<Bool>(false)
    /// Of the thread that computes: an address at the beginning of its stack.
    private static let stack = Atomic<UInt>(0)
    private static let handled = Atomic<Int>(0)
    private static let offTheStack = Atomic<Int>(0)

    private static func handle(_: Int32) {
        var here: UInt8 = 0
        let address = withUnsafeMutablePointer(to: &here) { UInt(bitPattern: $0) }
        let depth = stack.load(ordering: .relaxed) &- address
        if depth > 8 << 20 { offTheStack.add(1, ordering: .relaxed) }
        handled.add(1, ordering: .relaxed)
    }

    private static func compute() {
        var signals = sigset_t()  // threads of tests hold them back
        sigemptyset(&signals)
        pthread_sigmask(SIG_SETMASK, &signals, nil)
        var here: UInt8 = 0
        stack.store(withUnsafeMutablePointer(to: &here) { UInt(bitPattern: $0) }, ordering: .relaxed)
        let (a, b, c) = (Tensor(zeros: [64, 640]), Tensor(zeros: [640, 64]), Tensor(zeros: [64, 64]))
        while !isDone.load(ordering: .relaxed) { product(Matrix(a), Matrix(b), into: Matrix(c)) }
    }

    @Test func handlersRunBesideProductsNotWithinThem() throws {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { SignalTests.handle($0) }
        action.sa_flags = SA_RESTART
        var old = sigaction()
        try #require(sigaction(SIGURG, &action, &old) == 0)
        defer { sigaction(SIGURG, &old, nil) }
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { _ in
                SignalTests.compute()
                return nil
            }, nil)
        try #require(status == 0)
        while Self.stack.load(ordering: .relaxed) == 0 { sched_yield() }
        for _ in 0..<200 {
            let before = Self.handled.load(ordering: .relaxed)
            pthread_kill(thread, SIGURG)
            while Self.handled.load(ordering: .relaxed) == before { sched_yield() }
        }
        Self.isDone.store(true, ordering: .relaxed)
        pthread_join(thread, nil)
        #expect(Self.offTheStack.load(ordering: .relaxed) == 0)
        #expect(Self.handled.load(ordering: .relaxed) == 200)
    }
}
