import CKernels

/// Some of a variable's columns: all, or those of one part of a packed projection.
package struct Columns {
    let variable: Variable
    let range: Range<Int>

    package init(_ variable: Variable, _ range: Range<Int>) {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= variable.shape.columns, "columns \(range) of \(variable.shape)"
        )
        (self.variable, self.range) = (variable, range)
    }

    /// All columns.
    package init(_ variable: Variable) { self.init(variable, 0..<variable.shape.columns) }

    var stride: Int { variable.shape.columns }
    var pointer: UnsafeMutablePointer<Float> { variable.value.pointer + range.lowerBound }
}

extension Variable {
    /// Part `index` of `count` equal parts of the columns.
    package func part(_ index: Int, of count: Int) -> Columns {
        let width = shape.columns / count
        precondition(width * count == shape.columns && index < count, "part \(index) of \(count) of \(shape)")
        return Columns(self, index * width..<(index + 1) * width)
    }
}

extension Tape {
    /// Scaled dot-product attention with several heads, each of which sees its own columns.
    ///
    ///     s[u,t] = q[u] · k[t] / √w      p = softmax_t(s)      c[u] = Σ_t p[u,t] v[t]
    ///
    /// Vaswani et al. 2017, "Attention is all you need", section 3.2, between its projections. Always in single
    /// precision. An item of no keys gives 0.
    ///
    /// - Parameters:
    ///   - queries: `[batch, queries, width]`, of which each head has `w = width / heads` columns.
    ///   - keys: `[batch, time, width]`.
    ///   - values: `[batch, time, width]`.
    ///   - lengths: valid steps of the keys and values of each item.
    ///   - queryLengths: valid queries of each item, all if none. Beyond, the result is 0 and takes no gradient.
    ///   - isCausal: a query sees no key after its own place.
    ///   - keepsWeights: whether weights are given back.
    /// - Returns: `[batch, queries, width]`, and the weights' means over heads `[batch, queries, time]`, exactly 0
    ///   where a query does not see a key.
    package func multiHeadAttention(
        queries: Columns, keys: Columns, values: Columns, heads: Int, lengths: [Int], queryLengths: [Int]? = nil,
        isCausal: Bool = false, keepsWeights: Bool = false
    ) -> (output: Variable, weights: Tensor?) {
        let pass = MultiHeadAttentionPass(
            queries: queries, keys: keys, values: values, heads: heads, lengths: lengths, queryLengths: queryLengths,
            isCausal: isCausal)
        let (output, kept) = pass.forward(on: self, keepsWeights: isRecording || keepsWeights)
        let mean = keepsWeights ? kept.map { pass.mean(of: $0, on: self) } : nil
        let parents = [queries.variable, keys.variable, values.variable]
        let result = record(output, from: parents) { [unowned self] gradient in
            if let kept { pass.backward(on: self, weights: kept, dOutput: gradient) }
        }
        return (result, mean)
    }

    /// The same with a variable each.
    package func multiHeadAttention(
        queries: Variable, keys: Variable, values: Variable, heads: Int, lengths: [Int], queryLengths: [Int]? = nil,
        isCausal: Bool = false, keepsWeights: Bool = false
    ) -> (output: Variable, weights: Tensor?) {
        multiHeadAttention(
            queries: Columns(queries), keys: Columns(keys), values: Columns(values), heads: heads, lengths: lengths,
            queryLengths: queryLengths, isCausal: isCausal, keepsWeights: keepsWeights)
    }
}

private struct MultiHeadAttentionPass {
    let queries: Columns, keys: Columns, values: Columns
    let heads: Int
    let lengths: [Int32], queryLengths: [Int32]
    let isCausal: Bool
    let batch: Int, steps: Int, time: Int, width: Int
    /// Numbers from one query's weights to the next.
    let stride: Int

    init(
        queries: Columns, keys: Columns, values: Columns, heads: Int, lengths: [Int], queryLengths: [Int]?,
        isCausal: Bool
    ) {
        (self.queries, self.keys, self.values, self.heads) = (queries, keys, values, heads)
        let (shape, memory) = (queries.variable.shape, keys.variable.shape)
        let (batch, steps, time, width) = (shape[0], shape[1], memory[1], queries.range.count)
        (self.batch, self.steps, self.time, self.width) = (batch, steps, time, width)
        precondition(
            memory[0] == batch && values.variable.shape[0] == batch && values.variable.shape[1] == time
                && keys.range.count == width && values.range.count == width && heads > 0 && width % heads == 0,
            "\(heads) heads of \(shape), keys \(memory), values \(values.variable.shape)")
        precondition(!isCausal || steps == time, "\(steps) queries in order over \(time) keys")
        let ran = queryLengths ?? [Int](repeating: steps, count: batch)
        precondition(
            lengths.count == batch && ran.count == batch && lengths.allSatisfy { $0 >= 0 && $0 <= time }
                && ran.allSatisfy { $0 >= 0 && $0 <= steps },
            "lengths \(lengths) of \(time) steps, \(ran) of \(steps) queries")
        self.lengths = lengths.map(Int32.init)
        self.queryLengths = ran.map(Int32.init)
        self.isCausal = isCausal
        stride = Int(steno_attention_stride(Int64(time)))
    }

    /// Runs all pairs of an item and a head, each worker's on scratch of its own.
    private func pairs(
        on tape: Tape, isBackward: Bool = false,
        _ body: @escaping (UnsafePointer<steno_attention_t>, Range<Int>, Tensor) -> Void
    ) {
        let pairs = batch * heads
        let pieces = min(tape.workers?.count ?? 1, pairs)
        tape.parallel(pieces) { piece in
            lengths.withUnsafeBufferPointer { lengths in
                queryLengths.withUnsafeBufferPointer { queryLengths in
                    var call = steno_attention_t(
                        heads: Int64(heads), width: Int64(width / heads), queries: Int64(steps), time: Int64(time),
                        is_causal: isCausal ? 1 : 0, lengths: lengths.baseAddress,
                        query_lengths: queryLengths.baseAddress,
                        q: queries.pointer, k: keys.pointer, v: values.pointer, q_stride: Int64(queries.stride),
                        k_stride: Int64(keys.stride), v_stride: Int64(values.stride))
                    let scratch = tape.tensor([Int(steno_attention_scratch(&call, isBackward ? 1 : 0))])
                    body(&call, piece * pairs / pieces..<(piece + 1) * pairs / pieces, scratch)
                }
            }
        }
    }

    /// The output, and the weights `[batch, heads, queries, stride]` if they are wanted.
    func forward(on tape: Tape, keepsWeights: Bool) -> (output: Tensor, weights: Tensor?) {
        let output = tape.tensor([batch, steps, width])
        let weights = keepsWeights ? tape.tensor([batch, heads, steps, stride]) : nil
        pairs(on: tape) { call, range, scratch in
            steno_multi_head_attention(
                call, Int64(range.lowerBound), Int64(range.upperBound), output.pointer, weights?.pointer,
                scratch.pointer)
        }
        return (output, weights)
    }

    /// The mean over heads, `[batch, queries, time]`.
    func mean(of weights: Tensor, on tape: Tape) -> Tensor {
        let mean = tape.tensor([batch, steps, time])
        for item in 0..<batch {
            steno_attention_mean(
                Int64(heads), Int64(steps), Int64(time), lengths[item] > 0 ? Int64(queryLengths[item]) : 0,
                Int64(lengths[item]), Int64(stride), weights[item].pointer, mean[item].pointer)
        }
        return mean
    }

    func backward(on tape: Tape, weights: Tensor, dOutput: Tensor) {
        let parts = [queries, keys, values]
        let gradients = ColumnGradients(parts, on: tape)
        let pointers = parts.indices.map { gradients.pointer($0) }
        pairs(on: tape, isBackward: true) { call, range, scratch in
            steno_multi_head_attention_backward(
                call, Int64(range.lowerBound), Int64(range.upperBound), weights.pointer, dOutput.pointer, pointers[0],
                Int64(queries.stride), pointers[1], Int64(keys.stride), pointers[2], Int64(values.stride),
                scratch.pointer)
        }
        gradients.accumulate(on: tape)
    }
}

/// Room for the gradients of columns, each of which is overwritten: one tensor for those of one variable that do not
/// overlap.
private struct ColumnGradients {
    private let parts: [Columns]
    private var tensors: [(variable: Variable, gradient: Tensor)] = []
    /// Of each part, the number of its tensor.
    private var places: [Int] = []

    init(_ parts: [Columns], on tape: Tape) {
        self.parts = parts
        var taken: [[Range<Int>]] = []
        for part in parts {
            let place =
                tensors.indices.first { index in
                    part.variable.slot != nil && tensors[index].variable.slot == part.variable.slot
                        && !taken[index].contains { $0.overlaps(part.range) }
                } ?? tensors.count
            if place == tensors.count {
                tensors.append((part.variable, tape.tensor(part.variable.shape)))
                taken.append([])
            }
            taken[place].append(part.range)
            places.append(place)
        }
        for (ranges, (variable, gradient)) in zip(taken, tensors)
        where ranges.reduce(0, { $0 + $1.count }) < variable.shape.columns { gradient.clear() }
    }

    func pointer(_ part: Int) -> UnsafeMutablePointer<Float> {
        tensors[places[part]].gradient.pointer + parts[part].range.lowerBound
    }

    func accumulate(on tape: Tape) {
        for (variable, gradient) in tensors { tape.accumulate(gradient, into: variable) }
    }
}
