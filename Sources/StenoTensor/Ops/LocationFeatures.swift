import CKernels

/// The weights of location features, by which additive attention sees where earlier steps attended, on a tape.
///
///     f[t] = Σ_i F[i] α[t + i - (size - 1) / 2]        e[t] = v · tanh(k[t] + q + U f[t])
///
/// with α the attention weights of the step before, or the sum of those of all steps before; zeros at first.
/// Chorowski, Bahdanau, Serdyuk, Cho, Bengio 2015, "Attention-based models for speech recognition", eq. 8-9.
package struct LocationWeights {
    /// `[size, filters]`, size odd: F.
    package let filters: Variable
    /// `[filters, width]`: U.
    package let weight: Variable
    /// α is the sum of all earlier weights, not the last step's.
    package let isCumulative: Bool

    package init(filters: Variable, weight: Variable, isCumulative: Bool) {
        precondition(filters.shape[0] % 2 == 1, "location filters \(filters.shape) have no middle")
        self.filters = filters
        self.weight = weight
        self.isCumulative = isCumulative
    }

    /// What the step after one with weights `attention` sees, if that one saw `earlier`.
    package func alignment(after attention: Tensor, earlier: Tensor?, on tape: Tape) -> Tensor {
        guard isCumulative, let earlier else { return attention }
        let sum = tape.copy(earlier)
        sum.add(attention)
        return sum
    }
}

/// Room for one utterance's features in one step.
struct LocationScratch {
    let weights: LocationWeights
    let product: Products
    /// `[time, size]` and `[time, filters]`.
    let surroundings: Tensor, features: Tensor
    /// `[time, width]`: exp(2 (k + U f)).
    let keys: Tensor

    init(_ weights: LocationWeights, on tape: Tape, time: Int) {
        self.weights = weights
        product = tape.product
        surroundings = tape.tensor([time, weights.filters.shape[0]])
        features = tape.tensor([time, weights.filters.shape[1]])
        keys = tape.tensor([time, weights.weight.shape[1]])
    }

    /// The exponentials of utterance `item`'s keys with the features of `seen` (`[time]`), to be used at once.
    func locate(_ memory: AttentionMemory, _ item: Int, seen: Tensor) -> Tensor {
        let length = memory.lengths[item]
        steno_surroundings(Int64(length), Int64(surroundings.shape[1]), seen.pointer, surroundings.pointer)
        product(first(length, of: surroundings), Matrix(weights.filters.value), into: first(length, of: features))
        keys.copyValues(from: memory.keys.value[item])
        product(first(length, of: features), Matrix(weights.weight.value), beta: 1, into: first(length, of: keys))
        steno_attention_exponentials(Int64(length * keys.shape[1]), keys.pointer)
        return keys
    }

    func first(_ rows: Int, of tensor: Tensor) -> Matrix {
        Matrix(tensor.pointer, rows: rows, columns: tensor.shape.columns)
    }
}

/// The features' way through a decoder's steps.
struct LocationPass {
    let memory: AttentionMemory
    /// `[batch, steps, time]`: the α of each step.
    let seen: Tensor
    let scratch: LocationScratch

    init(_ weights: LocationWeights, on tape: Tape, memory: AttentionMemory, steps: Int) {
        let (batch, time) = (memory.keys.shape[0], memory.keys.shape[1])
        self.memory = memory
        seen = tape.zeros([batch, steps, time])
        scratch = LocationScratch(weights, on: tape, time: time)
    }

    /// The exponentials of the keys that utterance `item` has in step `u`, to be used at once. `attention`
    /// (`[batch, steps, time]`) holds the weights of the steps before.
    func keys(_ item: Int, _ u: Int, attention: Tensor) -> Tensor {
        let now = seen[item][u]
        if u > 0 {
            now.add(attention[item][u - 1])
            if scratch.weights.isCumulative { now.add(seen[item][u - 1]) }
        }
        return scratch.locate(memory, item, seen: now)
    }
}

/// The features' way back.
struct LocationGradients {
    private let pass: LocationPass
    /// `[batch, time]`: the gradient of the weights of the step before the one at hand, as far as features go.
    private let dAttention: Tensor
    /// `[time, width]`, `[time, filters]`, `[time, size]`: those of one utterance's keys, features and surroundings.
    private let dKeys: Tensor, dFeatures: Tensor, dSurroundings: Tensor
    private let dFilters: Tensor, dWeight: Tensor

    init(_ pass: LocationPass, on tape: Tape) {
        let (scratch, weights) = (pass.scratch, pass.scratch.weights)
        self.pass = pass
        dAttention = tape.zeros([pass.seen.shape[0], pass.seen.shape[2]])
        dKeys = tape.tensor(scratch.keys.shape)
        dFeatures = tape.tensor(scratch.features.shape)
        dSurroundings = tape.tensor(scratch.surroundings.shape)
        dFilters = tape.gradientSum(weights.filters) ?? tape.zeros(weights.filters.shape)
        dWeight = tape.gradientSum(weights.weight) ?? tape.zeros(weights.weight.shape)
    }

    /// What the way back of step `u`'s energies takes: the exponentials of the keys, what later steps' features add to
    /// the gradient of its weights, and where the gradient of the keys goes.
    func keys(_ item: Int, _ u: Int) -> (keys: Tensor, dAttention: Tensor, dKeys: Tensor) {
        dKeys.clear()
        return (pass.scratch.locate(pass.memory, item, seen: pass.seen[item][u]), dAttention[item], dKeys)
    }

    /// Passes the gradient of the keys on, after that: to the memory's keys, the weights, and the weights of the step
    /// before.
    func add(_ item: Int, to sum: Tensor) {
        let (scratch, length) = (pass.scratch, pass.memory.lengths[item])
        let (weights, product, d) = (scratch.weights, scratch.product, scratch.first(length, of: dKeys))
        sum.add(dKeys)
        product(scratch.first(length, of: scratch.features).transposed, d, beta: 1, into: Matrix(dWeight))
        product(d, Matrix(weights.weight.value).transposed, into: scratch.first(length, of: dFeatures))
        product(
            scratch.first(length, of: scratch.surroundings).transposed, scratch.first(length, of: dFeatures), beta: 1,
            into: Matrix(dFilters))
        product(
            scratch.first(length, of: dFeatures), Matrix(weights.filters.value).transposed,
            into: scratch.first(length, of: dSurroundings))
        if !weights.isCumulative { dAttention[item].clear() }
        steno_surroundings_backward(
            Int64(length), Int64(dSurroundings.shape[1]), dSurroundings.pointer, dAttention[item].pointer)
    }
}
