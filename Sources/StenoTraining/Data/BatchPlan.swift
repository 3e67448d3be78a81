import Foundation
import StenoTensor

/// One utterance of a batch: which, and how fast it is played.
package struct BatchItem: Sendable, Hashable {
    package let example: Int
    package let speed: Double
}

/// The batches of one epoch: utterances of similar length together, in an order that depends on the key alone.
package struct BatchPlan: Sendable {
    package let batches: [[BatchItem]]

    /// An example on its way into a batch.
    private struct Candidate {
        let item: BatchItem
        /// Of the source as it is played.
        let length: Double
        let targetLength: Double
        /// What the order goes by, first the level.
        let level: Int
        let rank: Double
    }

    /// The batches of `dataset` in an epoch of a training run, by seed and epoch alone.
    package init(of dataset: Dataset, _ options: TrainingOptions, epoch: Int) {
        let isText = dataset.audio == nil
        self.init(
            lengths: dataset.examples.map(\.length),
            targetLengths: isText ? dataset.examples.map { $0.tokens.count + 1 } : [],
            speeds: isText ? [1] : options.speeds,
            batchFrames: options.batchFrames,
            batchUtterances: options.batchUtterances,
            key: RandomPurpose.batches.key(seed: options.seed, epoch))
    }

    /// - Parameters:
    ///   - lengths: of each example at speed 1, in frames or tokens.
    ///   - targetLengths: of each example's target, where a batch is to keep its limit on that side too; else empty.
    ///   - key: of the epoch.
    package init(
        lengths: [Int], targetLengths: [Int] = [], speeds: [Double], batchFrames: Int, batchUtterances: Int,
        key: UInt64
    ) {
        var random = RandomStream(key: key)
        // A little noise in the order gives other neighbours in every epoch.
        func noise() -> Double { 1 + 0.1 * Double(random.uniform()) }
        let candidates = lengths.indices.map { index in
            let speed = speeds[Int(random.next() % UInt64(speeds.count))]
            let length = Double(lengths[index]) / speed
            let item = BatchItem(example: index, speed: speed)
            let rank = length * noise()
            guard !targetLengths.isEmpty else {
                return Candidate(item: item, length: length, targetLength: 0, level: 0, rank: rank)
            }
            // Sources of nearly one length by their targets' length, up and down in turn.
            let targetLength = Double(targetLengths[index])
            let level = Int((log(max(rank, 1)) / Self.levelRatio).rounded(.down))
            let targetRank = targetLength * noise()
            return Candidate(
                item: item, length: length, targetLength: targetLength, level: level,
                rank: level % 2 == 0 ? targetRank : -targetRank)
        }.sorted { ($0.level, $0.rank, $0.item.example) < ($1.level, $1.rank, $1.item.example) }

        var batches: [[BatchItem]] = []
        var batch: [BatchItem] = []
        var longest = 0.0
        for candidate in candidates {
            let length = max(candidate.length, candidate.targetLength)
            let padded = max(longest, length) * Double(batch.count + 1)
            if !batch.isEmpty && (padded > Double(batchFrames) || batch.count == batchUtterances) {
                batches.append(batch)
                batch = []
                longest = 0
            }
            batch.append(candidate.item)
            longest = max(longest, length)
        }
        if !batch.isEmpty { batches.append(batch) }
        batches.shuffle(using: &random)
        self.batches = batches
    }

    /// The logarithm of how much longer sources are from level to level.
    private static let levelRatio = log(1.15)
}
