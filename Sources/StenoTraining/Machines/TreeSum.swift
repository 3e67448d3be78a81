import StenoTensor

/// Adds up a vector over all processes, to the same bits as the binary tree over shard numbers gives in one process:
/// at distance 1, 2, 4 ... each process that is left takes up the sum of the one that far behind it.
///
/// With a power of two of processes every branch is computed by halves (recursive halving and doubling: Thakur,
/// Rabenseifner, Gropp 2005, "Optimization of collective communication operations in MPICH"). Two processes at a distance
/// hold the sums of two neighbouring branches; each sends the half that it gives up, adds what it gets to the half that it
/// keeps, and goes on with that. Then the finished parts go back the same way. `a + b` and `b + a` are the same bits, so
/// it does not matter who adds. A process sends `2 (R-1)/R` times the vector.
///
/// Otherwise sums go down the tree to process 0 and the result goes back up: `log2 R` times the vector each way.
package struct TreeSum {
    let communicator: any Communicator
    /// Adds numbers onto as many others.
    let add: (UnsafeBufferPointer<Float>, UnsafeMutableBufferPointer<Float>) -> Void
    private let received: Tensor

    /// - Parameter length: of the vectors.
    package init(
        over communicator: any Communicator, length: Int,
        add: @escaping (UnsafeBufferPointer<Float>, UnsafeMutableBufferPointer<Float>) -> Void
    ) {
        (self.communicator, self.add) = (communicator, add)
        let isPowerOfTwo = communicator.count.nonzeroBitCount == 1
        let needed = communicator.count == 1 ? 0 : isPowerOfTwo ? (length + 1) / 2 : length
        received = Tensor(zeros: [needed])
    }

    /// Replaces each process's vector by the sum.
    package func callAsFunction(_ vector: UnsafeMutableBufferPointer<Float>) throws(CommunicationError) {
        if communicator.count == 1 { return }
        if communicator.count.nonzeroBitCount == 1 { try sumByHalves(vector) } else { try sumAtRoot(vector) }
    }

    private func sumByHalves(_ vector: UnsafeMutableBufferPointer<Float>) throws(CommunicationError) {
        var part = 0..<vector.count
        var way: [(partner: Int, kept: Range<Int>, given: Range<Int>)] = []
        var distance = 1
        while distance < communicator.count {
            let middle = part.lowerBound + part.count / 2
            let (low, high) = (part.lowerBound..<middle, middle..<part.upperBound)
            let partner = communicator.rank ^ distance
            let (kept, given) = communicator.rank < partner ? (low, high) : (high, low)
            try receive(kept.count, sending: UnsafeMutableBufferPointer(rebasing: vector[given]), from: partner)
            addReceived(to: UnsafeMutableBufferPointer(rebasing: vector[kept]))
            way.append((partner, kept, given))
            part = kept
            distance *= 2
        }
        for (partner, kept, given) in way.reversed() {
            try communicator.exchange(
                sending: UnsafeBufferPointer(rebasing: vector[kept]),
                receiving: UnsafeMutableBufferPointer(rebasing: vector[given]), with: partner)
        }
    }

    private func sumAtRoot(_ vector: UnsafeMutableBufferPointer<Float>) throws(CommunicationError) {
        let nothing = UnsafeMutableBufferPointer<Float>(start: nil, count: 0)
        let (rank, count) = (communicator.rank, communicator.count)
        var distance = 1
        while distance < count {
            if rank % (2 * distance) == distance {
                try receive(0, sending: vector, from: rank - distance)
            } else if rank % (2 * distance) == 0, rank + distance < count {
                try receive(vector.count, sending: nothing, from: rank + distance)
                addReceived(to: vector)
            }
            distance *= 2
        }
        while distance > 1 {
            distance /= 2
            if rank % (2 * distance) == distance {
                try communicator.exchange(
                    sending: UnsafeBufferPointer(nothing), receiving: vector, with: rank - distance)
            } else if rank % (2 * distance) == 0, rank + distance < count {
                try receive(0, sending: vector, from: rank + distance)
            }
        }
    }

    private func receive(
        _ count: Int, sending: UnsafeMutableBufferPointer<Float>, from partner: Int
    ) throws(CommunicationError) {
        try communicator.exchange(
            sending: UnsafeBufferPointer(sending),
            receiving: UnsafeMutableBufferPointer(start: received.pointer, count: count), with: partner)
    }

    private func addReceived(to part: UnsafeMutableBufferPointer<Float>) {
        add(UnsafeBufferPointer(start: received.pointer, count: part.count), part)
    }
}
