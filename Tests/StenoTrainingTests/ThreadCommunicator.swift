import Foundation
import StenoTestSupport
import StenoTraining
import Synchronization

/// Processes of a run as threads of one, so that what they do together can be tested without a launcher.
struct ThreadCommunicator: Communicator {
    let rank: Int
    let count: Int
    private let post: Post

    /// As many as there are to be processes.
    static func all(_ count: Int) -> [ThreadCommunicator] {
        let post = Post()
        return (0..<count).map { ThreadCommunicator(rank: $0, count: count, post: post) }
    }

    func gather(_ bytes: [UInt8]) -> [UInt8] {
        for other in 0..<count { post.put(bytes, on: .init(from: rank, to: other)) }
        return (0..<count).flatMap { post.take(from: .init(from: $0, to: rank)) }
    }

    func exchange(
        sending: UnsafeBufferPointer<Float>, receiving: UnsafeMutableBufferPointer<Float>, with partner: Int
    ) {
        if !sending.isEmpty { post.put([UInt8](UnsafeRawBufferPointer(sending)), on: .init(from: rank, to: partner)) }
        if !receiving.isEmpty {
            let bytes = post.take(from: .init(from: partner, to: rank))
            precondition(bytes.count == 4 * receiving.count, "both sides state the same size")
            UnsafeMutableRawBufferPointer(receiving).copyBytes(from: bytes)
        }
    }

    func leave() {}

    /// Runs a function for each process, each on a thread of its own.
    static func run<Value: Sendable>(
        _ count: Int, _ body: @escaping @Sendable (ThreadCommunicator) -> Value
    ) -> [Value] {
        let values = Mutex([Value?](repeating: nil, count: count))
        let done = DispatchSemaphore(value: 0)
        for communicator in all(count) {
            let thread = Thread {
                let value = body(communicator)
                values.withLock { $0[communicator.rank] = value }
                done.signal()
            }
            thread.stackSize = 8 << 20
            thread.start()
        }
        for _ in 0..<count { done.wait() }
        return values.withLock { $0.compactMap { $0 } }
    }
}

/// Letters on their way, in order. `@unchecked Sendable`: the boxes are touched under the lock only.
private final class Post: @unchecked Sendable {
    struct Route: Hashable { let from: Int, to: Int }

    private let changed = NSCondition()
    private var boxes: [Route: [[UInt8]]] = [:]

    func put(_ bytes: [UInt8], on route: Route) {
        changed.lock()
        defer { changed.unlock() }
        boxes[route, default: []].append(bytes)
        changed.broadcast()
    }

    func take(from route: Route) -> [UInt8] {
        changed.lock()
        defer { changed.unlock() }
        while boxes[route, default: []].isEmpty { changed.wait() }
        return boxes[route, default: []].removeFirst()
    }
}
