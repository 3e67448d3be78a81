import CKernels

/// The keys and values of the steps that hypotheses have behind them, for self-attention step by step.
///
/// A value: what is appended to a copy does not show in the other. Room grows by doubling, so that appending copies
/// nothing as a rule.
package struct KeyValueCache: Sendable {
    /// `[rows, capacity, 2 width]`: keys, then values; none before the first step.
    private var block: Block?
    /// Steps that count.
    package private(set) var count = 0

    /// `@unchecked Sendable`: only the worker that a search runs on touches it.
    private final class Block: @unchecked Sendable {
        let tensor: Tensor
        /// Steps written by whichever value has the most.
        var filled: Int

        init(_ tensor: Tensor, filled: Int) { (self.tensor, self.filled) = (tensor, filled) }
    }

    package init() {}

    /// The cache of the hypotheses with these numbers, in this order.
    package func rows(_ numbers: [Int], on tape: Tape) -> KeyValueCache {
        guard let block, numbers != Array(0..<block.tensor.shape[0]) else { return self }
        var result = self
        result.block = copy(block, numbers, capacity: block.tensor.shape[1], on: tape)
        return result
    }

    private func copy(_ block: Block, _ numbers: [Int], capacity: Int, on tape: Tape) -> Block {
        let old = block.tensor
        let (from, columns) = (old.shape[1], old.shape.columns)
        let new = tape.tensor([numbers.count, capacity, columns])
        for (row, number) in numbers.enumerated() {
            (new.pointer + row * capacity * columns).update(
                from: old.pointer + number * from * columns, count: count * columns)
        }
        return Block(new, filled: count)
    }

    /// Adds a step's keys and values, columns `from` on of `[rows, columns]`; the tensor that holds all.
    fileprivate mutating func append(_ step: Tensor, from column: Int, on tape: Tape) -> Tensor {
        let (rows, width) = (step.shape[0], step.shape.columns - column)
        let current = block ?? Block(tape.tensor([rows, 16, width]), filled: 0)
        precondition(
            current.tensor.shape[0] == rows && current.tensor.shape.columns == width,
            "\(step.shape) after \(current.tensor.shape)")
        var used = current
        if current.filled != count || count == current.tensor.shape[1] {
            let capacity = count == current.tensor.shape[1] ? 2 * count : current.tensor.shape[1]
            used = copy(current, Array(0..<rows), capacity: capacity, on: tape)
        }
        let capacity = used.tensor.shape[1]
        for row in 0..<rows {
            (used.tensor.pointer + (row * capacity + count) * width).update(
                from: step.pointer + row * step.shape.columns + column, count: width)
        }
        count += 1
        used.filled = count
        block = used
        return used.tensor
    }
}

extension Tape {
    /// One step of causal self-attention for search; see `multiHeadAttention`. Rows are hypotheses.
    ///
    /// - Parameters:
    ///   - projected: `[rows, 3 width]`, the step's queries, keys and values.
    ///   - cache: of the steps before; this one is added.
    /// - Returns: `[rows, width]`.
    package func selfAttentionStep(_ projected: Tensor, cache: inout KeyValueCache, heads: Int) -> Tensor {
        let (rows, width) = (projected.shape[0], projected.shape.columns / 3)
        let steps = cache.append(projected, from: width, on: self)
        let lengths = [Int32](repeating: Int32(cache.count), count: rows)
        return attentionStep(
            projected, width: width, memory: steps, owners: Array(0..<Int32(rows)), lengths: lengths, heads: heads,
            mean: nil)
    }

    /// One step of attention to a memory for search; see `multiHeadAttention`. Rows are hypotheses, several of which
    /// may share an item.
    ///
    /// - Parameters:
    ///   - queries: `[rows, width]`.
    ///   - memory: `[items, time, 2 width]`, keys, then values.
    ///   - owners: each row's item.
    ///   - lengths: valid steps of each item.
    /// - Returns: `[rows, width]`, and the weights' means over heads `[rows, time]`, exactly 0 past an item's length.
    package func crossAttentionStep(
        _ queries: Tensor, memory: Tensor, owners: [Int], lengths: [Int], heads: Int, keepsWeights: Bool = false
    ) -> (output: Tensor, weights: Tensor?) {
        precondition(
            owners.count == queries.shape[0] && lengths.count == memory.shape[0]
                && owners.allSatisfy { $0 >= 0 && $0 < lengths.count }
                && lengths.allSatisfy { $0 >= 0 && $0 <= memory.shape[1] },
            "\(queries.shape) with owners \(owners) of \(memory.shape), lengths \(lengths)")
        let mean = keepsWeights ? tensor([owners.count, memory.shape[1]]) : nil
        let output = attentionStep(
            queries, width: queries.shape.columns, memory: memory, owners: owners.map(Int32.init),
            lengths: lengths.map(Int32.init), heads: heads, mean: mean)
        return (output, mean)
    }

    private func attentionStep(
        _ queries: Tensor, width: Int, memory: Tensor, owners: [Int32], lengths: [Int32], heads: Int, mean: Tensor?
    ) -> Tensor {
        let (time, columns) = (memory.shape[1], memory.shape.columns)
        precondition(
            columns == 2 * width && heads > 0 && width % heads == 0,
            "\(heads) heads of \(queries.shape), \(memory.shape)")
        let output = tensor([owners.count, width])
        let scratch = tensor([Int(steno_attention_stride(Int64(time)))])
        steno_attention_step(
            Int64(owners.count), Int64(heads), Int64(width / heads), Int64(time), queries.pointer,
            Int64(queries.shape.columns), memory.pointer, memory.pointer + width, Int64(time * columns),
            Int64(columns), owners, lengths, scratch.pointer, output.pointer, mean?.pointer)
        return output
    }
}
