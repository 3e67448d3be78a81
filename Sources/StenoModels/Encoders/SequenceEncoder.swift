import StenoTensor

/// What turns the front end's steps into the states that a decoder reads.
package protocol SequenceEncoder: Sendable {
    /// Width of the states.
    var depth: Int { get }

    /// - Parameters:
    ///   - x: `[batch, time, width]` of the front end.
    ///   - lengths: valid steps of each utterance.
    /// - Returns: states `[batch, time, depth]`; what stands beyond the lengths means nothing.
    func callAsFunction(_ x: Variable, lengths: [Int], on tape: Tape) -> Encoded
}

/// What an encoder gives.
package struct Encoded {
    /// `[batch, time, depth]`.
    package let states: Variable
    /// Valid steps of each utterance.
    package let lengths: [Int]
    /// `[batch, depth]`: the top layer's state where each direction ends; of recurrent encoders.
    package let last: Variable?

    package init(states: Variable, lengths: [Int], last: Variable?) {
        (self.states, self.lengths, self.last) = (states, lengths, last)
    }
}
