import StenoTensor

/// One utterance of a batch: which, and how fast it is played.
package struct BatchItem: Sendable, Hashable {
    package let example: Int
    package let speed: Double
}

/// The batches of one epoch: utterances of similar length together, in an order that depends on the key alone.
package struct BatchPlan: Sendable {
    package let batches: [[BatchItem]]

    /// - Parameters:
    ///   - lengths: of each example at speed 1, in frames or tokens.
    ///   - key: of the epoch.
    package init(
        lengths: [Int], speeds: [Double], batchFrames: Int, batchUtterances: Int, key: UInt64
    ) {
        var random = RandomStream(key: key)
        let items = lengths.indices.map { index in
            let speed = speeds[Int(random.next() % UInt64(speeds.count))]
            // A little noise in the order gives other neighbours in every epoch.
            let length = Double(lengths[index]) / speed
            return (
                item: BatchItem(example: index, speed: speed), length: length,
                rank: length * (1 + 0.1 * Double(random.uniform()))
            )
        }.sorted { ($0.rank, $0.item.example) < ($1.rank, $1.item.example) }

        var batches: [[BatchItem]] = []
        var batch: [BatchItem] = []
        var longest = 0.0
        for (item, length, _) in items {
            let padded = max(longest, length) * Double(batch.count + 1)
            if !batch.isEmpty && (padded > Double(batchFrames) || batch.count == batchUtterances) {
                batches.append(batch)
                batch = []
                longest = 0
            }
            batch.append(item)
            longest = max(longest, length)
        }
        if !batch.isEmpty { batches.append(batch) }
        batches.shuffle(using: &random)
        self.batches = batches
    }
}
