/// The shards of every batch that one process computes.
///
/// Gradients are added along a binary tree over shard numbers. A process therefore takes neighbouring shards, a power of
/// two of them, which are a whole branch of that tree; over the processes it goes on as the same tree.
package struct ShardShare: Sendable, Hashable {
    package let shards: Range<Int>

    /// - Parameter shards: of a batch, by the recipe.
    package init(of shards: Int, for communicator: any Communicator) throws(TrainingError) {
        let each = shards / communicator.count
        guard communicator.count == 1 || (each * communicator.count == shards && each.nonzeroBitCount == 1) else {
            throw .shards(shards, processes: communicator.count)
        }
        self.shards = communicator.rank * each..<(communicator.rank + 1) * each
    }
}
