/// How the processes of one training run talk to each other. All of them make the same calls in the same order, on one
/// thread.
package protocol Communicator: Sendable {
    /// The number of this process, from 0. Process 0 alone writes files and speaks to the user.
    var rank: Int { get }
    /// Processes of the run.
    var count: Int { get }

    /// Hands in as many bytes as every other process does.
    ///
    /// - Returns: those of all, in order of rank.
    func gather(_ bytes: [UInt8]) throws(CommunicationError) -> [UInt8]

    /// Sends numbers to a process and receives from it at once; either may be none. The other expects as many.
    func exchange(
        sending: UnsafeBufferPointer<Float>, receiving: UnsafeMutableBufferPointer<Float>, with partner: Int
    ) throws(CommunicationError)

    /// Leaves the run in order, when all do. A process that ends without it ends the whole run.
    func leave() throws(CommunicationError)
}

/// A run of one process.
package struct SingleProcess: Communicator {
    package let rank = 0
    package let count = 1

    package init() {}

    package func gather(_ bytes: [UInt8]) -> [UInt8] { bytes }

    package func exchange(
        sending: UnsafeBufferPointer<Float>, receiving: UnsafeMutableBufferPointer<Float>, with partner: Int
    ) {
        preconditionFailure("a single process has nobody to send to")
    }

    package func leave() {}
}
