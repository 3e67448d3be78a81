/// Why processes of a run cannot talk to each other; one sentence.
package enum CommunicationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// `steno` was started several times over by a launcher, but cannot talk.
    case notBuilt(processes: Int)
    /// What the library says.
    case failed(action: String, reason: String)
    /// Bytes that make no sense.
    case malformed(rank: Int)

    package var description: String {
        switch self {
        case .notBuilt(let processes):
            "\(processes) processes were started together, but this program was built without MPI "
                + "(swift build -c release --traits MPI)"
        case .failed(let action, let reason): "MPI cannot \(action): \(reason)"
        case .malformed(let rank): "process \(rank) of the run answers with something else than was asked"
        }
    }
}
