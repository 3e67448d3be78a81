import CKernels

/// What a decoder attends to: computed once per utterance, then only read.
package struct AttentionMemory {
    /// `[batch, time, width]`: the keys W_k h.
    package let keys: Variable
    /// `[batch, time, depth]`: the encoder's states h.
    package let values: Variable
    /// Valid steps of each utterance.
    package let lengths: [Int]
    /// `[batch, time, width]`: exp(2 k), from which the kernels take tanh(k + q).
    let exponentials: Tensor

    package init(keys: Variable, values: Variable, lengths: [Int]) {
        let (batch, time) = (keys.shape[0], keys.shape[1])
        precondition(
            values.shape[0] == batch && values.shape[1] == time && lengths.count == batch,
            "keys \(keys.shape), values \(values.shape) and \(lengths.count) lengths")
        precondition(lengths.allSatisfy { $0 >= 0 && $0 <= time }, "lengths \(lengths) of \(time) steps")
        (self.keys, self.values, self.lengths) = (keys, values, lengths)
        exponentials = Tensor(shape: keys.shape, storage: keys.value.storage.sibling(count: keys.shape.count))
        exponentials.copyValues(from: keys.value)
        for item in 0..<batch {
            steno_attention_exponentials(Int64(lengths[item] * keys.shape.columns), exponentials[item].pointer)
        }
    }
}

extension Tape {
    /// Additive attention of queries that are all known.
    ///
    ///     e[u,t] = v · tanh(k[t] + q[u])      a[u] = softmax_t(e[u])      c[u] = Σ_t a[u,t] h[t]
    ///
    /// Bahdanau, Cho, Bengio 2015, "Neural machine translation by jointly learning to align and translate", eq. 5-6.
    ///
    /// - Parameters:
    ///   - queries: `[batch, steps, width]`.
    ///   - lengths: valid steps of each item's queries.
    ///   - energy: `[width]`, v.
    /// - Returns: contexts `[batch, steps, depth]`, 0 past the lengths, and the attention weights
    ///   `[batch, steps, time]`, exactly 0 past those of the memory.
    package func additiveAttention(
        queries: Variable, lengths: [Int], memory: AttentionMemory, energy: Variable
    ) -> (contexts: Variable, attention: Tensor) {
        let (batch, steps, width) = (queries.shape[0], queries.shape[1], queries.shape.columns)
        let (time, depth) = (memory.keys.shape[1], memory.values.shape.columns)
        precondition(
            lengths.count == batch && memory.lengths.count == batch && energy.value.count == width,
            "\(lengths.count) lengths and \(memory.lengths.count) utterances for queries \(queries.shape)")
        let exponentials = copy(queries.value)
        steno_attention_exponentials(Int64(exponentials.count), exponentials.pointer)
        let (contexts, attention) = (zeros([batch, steps, depth]), zeros([batch, steps, time]))
        for item in 0..<batch {
            for u in 0..<lengths[item] {
                steno_additive_attention(
                    Int64(memory.lengths[item]), Int64(width), Int64(depth), memory.exponentials[item].pointer,
                    memory.values.value[item].pointer, exponentials[item][u].pointer, energy.value.pointer,
                    attention[item][u].pointer, contexts[item][u].pointer)
            }
        }
        let parents = [queries, memory.keys, memory.values, energy]
        let results = record([contexts], from: parents) { [unowned self] gradients in
            let dContexts = gradients[0]
            let dQueries = zeros(queries.shape)
            let dKeys = gradientSum(memory.keys) ?? zeros(memory.keys.shape)
            let dValues = gradientSum(memory.values)
            let dEnergy = gradientSum(energy) ?? zeros(energy.shape)
            let scratch = tensor([time + 2 * width])
            for item in 0..<batch {
                for u in 0..<lengths[item] {
                    steno_additive_attention_backward(
                        Int64(memory.lengths[item]), Int64(width), Int64(depth), memory.exponentials[item].pointer,
                        memory.values.value[item].pointer, exponentials[item][u].pointer, energy.value.pointer,
                        attention[item][u].pointer, dContexts[item][u].pointer, nil, scratch.pointer,
                        dKeys[item].pointer, dQueries[item][u].pointer, dEnergy.pointer)
                }
                if let dValues {
                    product(
                        Matrix(attention[item].pointer, rows: lengths[item], columns: time).transposed,
                        Matrix(dContexts[item].pointer, rows: lengths[item], columns: depth), beta: 1,
                        into: Matrix(dValues[item]))
                }
            }
            accumulate(dQueries, into: queries)
        }
        return (results[0], attention)
    }

    /// One step of additive attention for search: rows are hypotheses, several of which may share an utterance.
    ///
    /// - Parameters:
    ///   - queries: `[rows, width]`; overwritten.
    ///   - owners: each row's utterance in `memory`.
    ///   - alignment: `[rows, time]`, what location features see (`LocationWeights.alignment`); zeros if none.
    /// - Returns: contexts `[rows, depth]` and attention weights `[rows, time]`.
    package func additiveAttentionStep(
        queries: Tensor, memory: AttentionMemory, owners: [Int], energy: Variable, location: LocationWeights? = nil,
        alignment: Tensor? = nil
    ) -> (contexts: Tensor, attention: Tensor) {
        let (rows, width) = (queries.shape[0], queries.shape[1])
        let (time, depth) = (memory.keys.shape[1], memory.values.shape.columns)
        let (contexts, attention) = (tensor([rows, depth]), zeros([rows, time]))
        steno_attention_exponentials(Int64(queries.count), queries.pointer)
        let seen = location == nil ? nil : alignment ?? zeros([rows, time])
        parallel(rows) { [self] row in
            let item = owners[row]
            let scratch = location.map { LocationScratch($0, on: self, time: time) }
            let keys = seen.flatMap { scratch?.locate(memory, item, seen: $0[row]) } ?? memory.exponentials[item]
            steno_additive_attention(
                Int64(memory.lengths[item]), Int64(width), Int64(depth), keys.pointer,
                memory.values.value[item].pointer, queries[row].pointer, energy.value.pointer, attention[row].pointer,
                contexts[row].pointer)
        }
        return (contexts, attention)
    }
}
