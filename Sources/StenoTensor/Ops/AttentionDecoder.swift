import CKernels

/// What a decoder attends to: computed once per utterance, then only read.
package struct AttentionMemory {
    /// `[batch, time, width]`: the keys W_k h.
    package let keys: Variable
    /// `[batch, time, depth]`: the encoder's states h.
    package let values: Variable
    /// Valid steps of each utterance.
    package let lengths: [Int]
    /// `[batch, units]`: what the decoder's state begins with; zeros if none.
    package let initial: Variable?
    /// `[batch, time, width]`: exp(2 k), from which the kernels take tanh(k + q).
    let exponentials: Tensor

    package init(keys: Variable, values: Variable, lengths: [Int], initial: Variable? = nil) {
        let (batch, time) = (keys.shape[0], keys.shape[1])
        precondition(
            values.shape[0] == batch && values.shape[1] == time && lengths.count == batch,
            "keys \(keys.shape), values \(values.shape) and \(lengths.count) lengths")
        precondition(lengths.allSatisfy { $0 >= 0 && $0 <= time }, "lengths \(lengths) of \(time) steps")
        (self.keys, self.values, self.lengths, self.initial) = (keys, values, lengths, initial)
        exponentials = Tensor(shape: keys.shape, storage: keys.value.storage.sibling(count: keys.shape.count))
        exponentials.copyValues(from: keys.value)
        for item in 0..<batch {
            steno_attention_exponentials(Int64(lengths[item] * keys.shape.columns), exponentials[item].pointer)
        }
    }
}

/// The weights of a GRU decoder with additive attention, on a tape.
package struct AttentionDecoderWeights {
    /// `[units, width]` and `[width]`: the query of a state.
    package let queryWeight: Variable, queryBias: Variable
    /// `[width]`: v.
    package let energy: Variable
    /// `[depth, 3 units]`: the context's part in the gates.
    package let contextWeight: Variable
    /// `[units, 3 units]` and `[3 units]`.
    package let recurrentWeight: Variable, recurrentBias: Variable
    /// What energies see of earlier steps' attention, if anything.
    package let location: LocationWeights?

    package init(
        queryWeight: Variable, queryBias: Variable, energy: Variable, contextWeight: Variable,
        recurrentWeight: Variable, recurrentBias: Variable, location: LocationWeights? = nil
    ) {
        self.queryWeight = queryWeight
        self.queryBias = queryBias
        self.energy = energy
        self.contextWeight = contextWeight
        self.recurrentWeight = recurrentWeight
        self.recurrentBias = recurrentBias
        self.location = location
    }

    var all: [Variable] {
        [queryWeight, queryBias, energy, contextWeight, recurrentWeight, recurrentBias]
            + (location.map { [$0.filters, $0.weight] } ?? [])
    }
}

extension Tape {
    /// A GRU decoder with additive attention over all its steps, the inputs being known (teacher forcing).
    ///
    ///     q = Wq s + b       e[t] = v · tanh(k[t] + q)      a = softmax(e)      c = Σ_t a[t] h[t]
    ///     s' = GRU(gates + Wc c, s)
    ///
    /// Bahdanau, Cho, Bengio 2015, "Neural machine translation by jointly learning to align and translate", eq. 5-6;
    /// the GRU is that of `gru`. `LocationWeights` says what location features add to e. A step past an output's
    /// length leaves its state and gives a context of 0.
    ///
    /// - Parameters:
    ///   - gates: `[batch, steps, 3 units]`, the inputs' part in the gates, biases included.
    ///   - lengths: valid steps of each output.
    ///   - initial: `[batch, units]`.
    /// - Returns: states `[batch, steps, units]` after each step (0 past the length), contexts
    ///   `[batch, steps, depth]`, and the attention weights `[batch, steps, time]`, exactly 0 past an utterance's
    ///   length.
    package func attentionDecoder(
        gates: Variable, lengths: [Int], initial: Variable, memory: AttentionMemory, weights: AttentionDecoderWeights
    ) -> (states: Variable, contexts: Variable, attention: Tensor) {
        precondition(
            lengths.count == gates.shape[0] && memory.lengths.count == lengths.count,
            "\(lengths.count) lengths and \(memory.lengths.count) utterances for \(gates.shape)")
        let pass = AttentionDecoderPass(
            on: self, gates: gates.value, lengths: lengths, initial: initial.value, memory: memory, weights: weights)
        pass.forward()
        let parents = [gates, initial, memory.keys, memory.values] + weights.all
        let results = record([pass.states, pass.contexts], from: parents) { [unowned self] gradients in
            pass.backward(on: self, dStates: gradients[0], dContexts: gradients[1], gates: gates, initial: initial)
        }
        return (results[0], results[1], pass.attention)
    }
}

private struct AttentionDecoderPass {
    let memory: AttentionMemory
    let weights: AttentionDecoderWeights
    let location: LocationPass?
    let product: Products
    let rows: ActiveRows
    let batch: Int, steps: Int, units: Int, time: Int, width: Int, depth: Int
    let initial: Tensor
    /// `[batch, steps, 3 units]`: the activated gates, then their gradients.
    let gates: Tensor
    let cell: GRUCell
    let states: Tensor, contexts: Tensor, attention: Tensor
    /// `[batch, steps, width]`: exp(2 q).
    let queries: Tensor
    /// `[batch, 3 units]`, `[batch, units]`: the running step's.
    let recurrent: Tensor, state: Tensor

    init(
        on tape: Tape, gates: Tensor, lengths: [Int], initial: Tensor, memory: AttentionMemory,
        weights: AttentionDecoderWeights
    ) {
        self.memory = memory
        self.weights = weights
        product = tape.product
        self.initial = initial
        batch = gates.shape[0]
        steps = gates.shape[1]
        units = initial.shape.columns
        time = memory.keys.shape[1]
        width = memory.keys.shape.columns
        depth = memory.values.shape.columns
        rows = ActiveRows(lengths: lengths, time: steps)
        location = weights.location.map { [steps] in LocationPass($0, on: tape, memory: memory, steps: steps) }
        self.gates = tape.copy(gates)
        cell = GRUCell(on: tape, batch: batch, time: steps, units: units, keeping: tape.isRecording)
        states = tape.tensor([batch, steps, units])
        contexts = tape.zeros([batch, steps, depth])
        attention = tape.zeros([batch, steps, time])
        queries = tape.tensor([batch, steps, width])
        recurrent = tape.tensor([batch, 3 * units])
        state = tape.copy(initial)
    }

    /// The rows of step `u` of a `[batch, steps, columns]` tensor that are still running.
    private func running(_ u: Int, of tensor: Tensor) -> Matrix {
        let rows = tensor.step(u)
        return Matrix(
            rows.pointer, rows: self.rows.counts[u], columns: tensor.shape.columns, stride: Int(rows.stride))
    }

    /// Those of a `[batch, columns]` tensor.
    private func running(_ tensor: Tensor, _ u: Int) -> Matrix {
        Matrix(tensor.pointer, rows: rows.counts[u], columns: tensor.shape.columns)
    }

    private func timeStep(_ u: Int) -> TimeStep {
        TimeStep(batch: Int64(batch), units: Int64(units), t: Int64(u), lengths: rows.lengths)
    }

    private func forEachRunning(_ u: Int, _ body: (_ item: Int) -> Void) {
        for item in 0..<rows.counts[u] where u < Int(rows.lengths[item]) { body(item) }
    }

    func forward() {
        let queryWeight = product.factor(Matrix(weights.queryWeight.value))
        let contextWeight = product.factor(Matrix(weights.contextWeight.value))
        let recurrentWeight = product.factor(Matrix(weights.recurrentWeight.value))
        for u in 0..<steps {
            product(running(state, u), queryWeight, into: running(u, of: queries))
            forEachRunning(u) { item in
                let row = item * steps + u
                let query = queries.pointer + row * width
                steno_add(Int64(width), weights.queryBias.value.pointer, query)
                steno_attention_exponentials(Int64(width), query)
                let keys = location?.keys(item, u, attention: attention) ?? memory.exponentials[item]
                steno_additive_attention(
                    Int64(memory.lengths[item]), Int64(width), Int64(depth), keys.pointer,
                    memory.values.value[item].pointer, query, weights.energy.value.pointer,
                    attention.pointer + row * time, contexts.pointer + row * depth)
            }
            product(running(u, of: contexts), contextWeight, beta: 1, into: running(u, of: gates))
            product(running(state, u), recurrentWeight, into: running(recurrent, u))
            cell.step(
                timeStep(u), gates: gates.step(u), recurrent: recurrent, bias: weights.recurrentBias.value,
                states: [state], output: states.step(u))
        }
    }

    func backward(on tape: Tape, dStates: Tensor, dContexts: Tensor, gates gatesParent: Variable, initial: Variable) {
        let previous = tape.previousStates(states, units: units, lengths: rows.lengths, initial: initial.value)
        let dState = tape.zeros([batch, units])
        let dQueries = tape.zeros([batch, steps, width])
        let dKeys = tape.gradientSum(memory.keys) ?? tape.zeros(memory.keys.shape)
        let dEnergy = tape.gradientSum(weights.energy) ?? tape.zeros(weights.energy.shape)
        let scratch = tape.tensor([time + 2 * width])
        let recurrentTransposed = product.factor(Matrix(weights.recurrentWeight.value).transposed)
        let contextTransposed = product.factor(Matrix(weights.contextWeight.value).transposed)
        let queryTransposed = product.factor(Matrix(weights.queryWeight.value).transposed)
        let locationGradients = location.map { LocationGradients($0, on: tape) }

        for u in (0..<steps).reversed() {
            let dRecurrent = cell.stepBackward(
                timeStep(u), active: rows.counts[u], gates: gates.step(u), recurrent: recurrent,
                previous: [previous.step(u)], dOutput: dStates.step(u), dStates: [dState])
            product(running(u, of: gates), contextTransposed, beta: 1, into: running(u, of: dContexts))
            product(dRecurrent, recurrentTransposed, beta: 1, into: running(dState, u))
            forEachRunning(u) { item in
                let row = item * steps + u
                let located = locationGradients?.keys(item, u)
                steno_additive_attention_backward(
                    Int64(memory.lengths[item]), Int64(width), Int64(depth),
                    (located?.keys ?? memory.exponentials[item]).pointer, memory.values.value[item].pointer,
                    queries.pointer + row * width, weights.energy.value.pointer, attention.pointer + row * time,
                    dContexts.pointer + row * depth, located?.dAttention.pointer, scratch.pointer,
                    (located?.dKeys ?? dKeys[item]).pointer, dQueries.pointer + row * width, dEnergy.pointer)
                locationGradients?.add(item, to: dKeys[item])
            }
            product(running(u, of: dQueries), queryTransposed, beta: 1, into: running(dState, u))
        }

        // What is left are products over all steps at once. A step that did not run has a context gradient of its
        // own that nothing caused: its context was 0 by definition.
        if let dValues = tape.gradientSum(memory.values) {
            for item in 0..<batch {
                let ran = Int(rows.lengths[item])
                product(
                    Matrix(attention[item].pointer, rows: ran, columns: time).transposed,
                    Matrix(dContexts[item].pointer, rows: ran, columns: depth), beta: 1, into: Matrix(dValues[item]))
            }
        }
        if let dw = tape.gradientSum(weights.contextWeight) {
            product(Matrix(contexts).transposed, Matrix(gates), beta: 1, into: Matrix(dw))
        }
        if let dw = tape.gradientSum(weights.queryWeight) {
            product(Matrix(previous).transposed, Matrix(dQueries), beta: 1, into: Matrix(dw))
        }
        if let db = tape.gradientSum(weights.queryBias) { addColumnSums(of: Matrix(dQueries), to: db.pointer) }
        cell.addRecurrentGradients(
            on: tape, previous: previous, gates: gates, weight: weights.recurrentWeight, bias: weights.recurrentBias)
        tape.accumulate(gates, into: gatesParent)
        tape.accumulate(dState, into: initial)
    }
}

extension Tape {
    /// One step of `attentionDecoder` for search: rows are hypotheses, several of which may share an utterance.
    ///
    /// - Parameters:
    ///   - gates: `[rows, 3 units]`, overwritten.
    ///   - state: `[rows, units]`.
    ///   - owners: each row's utterance in `memory`.
    ///   - alignment: `[rows, time]`, what location features see (`LocationWeights.alignment`); zeros if none.
    /// - Returns: the next states, contexts `[rows, depth]` and attention weights `[rows, time]`.
    package func attentionDecoderStep(
        gates: Tensor, state: Tensor, memory: AttentionMemory, owners: [Int], weights: AttentionDecoderWeights,
        alignment: Tensor? = nil
    ) -> (state: Tensor, context: Tensor, attention: Tensor) {
        let (rows, units) = (state.shape[0], state.shape[1])
        let (time, width, depth) = (memory.keys.shape[1], memory.keys.shape.columns, memory.values.shape.columns)
        let queries = tensor([rows, width])
        let (contexts, attention) = (tensor([rows, depth]), zeros([rows, time]))
        spreadProduct(Matrix(state), Matrix(weights.queryWeight.value), into: Matrix(queries))
        steno_add_bias(Int64(rows), Int64(width), weights.queryBias.value.pointer, queries.pointer)
        steno_attention_exponentials(Int64(queries.count), queries.pointer)
        let seen = weights.location == nil ? nil : alignment ?? zeros([rows, time])
        let (recurrent, candidates) = (tensor([rows, 3 * units]), tensor([units]))
        let blocks = columnBlocks(3 * units)
        parallel(blocks.count + rows) { [self] index in
            guard index >= blocks.count else {
                return product(
                    Matrix(state), Matrix(weights.recurrentWeight.value).columns(blocks[index]),
                    into: Matrix(recurrent).columns(blocks[index]))
            }
            let row = index - blocks.count
            let item = owners[row]
            let scratch = weights.location.map { LocationScratch($0, on: self, time: time) }
            let keys = seen.flatMap { scratch?.locate(memory, item, seen: $0[row]) } ?? memory.exponentials[item]
            steno_additive_attention(
                Int64(memory.lengths[item]), Int64(width), Int64(depth), keys.pointer,
                memory.values.value[item].pointer, queries[row].pointer, weights.energy.value.pointer,
                attention[row].pointer, contexts[row].pointer)
        }
        spreadProduct(Matrix(contexts), Matrix(weights.contextWeight.value), beta: 1, into: Matrix(gates))
        let next = copy(state)
        let output = tensor([rows, units])
        steno_gru_step(
            Int64(rows), Int64(units), 0, [Int32](repeating: 1, count: rows), gates.pointer, Int64(3 * units),
            recurrent.pointer, weights.recurrentBias.value.pointer, next.pointer, candidates.pointer, 0, output.pointer,
            Int64(units))
        return (next, contexts, attention)
    }
}
