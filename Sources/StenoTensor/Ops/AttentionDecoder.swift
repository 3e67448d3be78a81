import CKernels

/// The weights of a recurrent layer with additive attention, on a tape. The layer's gates are those of
/// `RecurrentDirection`, 3 of a GRU and 4 of an LSTM.
package struct AttentionDecoderWeights {
    /// `[units, width]` and `[width]`: the query of a state.
    package let queryWeight: Variable, queryBias: Variable
    /// `[width]`: v.
    package let energy: Variable
    /// `[depth, gates * units]`: the context's part in the gates.
    package let contextWeight: Variable
    /// `[units, gates * units]` and `[gates * units]`.
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
    /// A recurrent layer that attends at each step and reads what it attended to, over all its steps, the inputs being
    /// known (teacher forcing).
    ///
    ///     q = Wq s + b       e[t] = v · tanh(k[t] + q)      a = softmax(e)      c = Σ_t a[t] h[t]
    ///     s' = cell(gates + Wc c, s)
    ///
    /// Bahdanau, Cho, Bengio 2015, "Neural machine translation by jointly learning to align and translate", eq. 5-6;
    /// the cell is that of `gru` or `lstm`. `LocationWeights` says what location features add to e. A step past an output's
    /// length leaves its state and gives a context of 0.
    ///
    /// - Parameters:
    ///   - gates: `[batch, steps, gates * units]`, the inputs' part in the gates, biases included.
    ///   - lengths: valid steps of each output.
    ///   - initial: `[batch, units]` for each state of the cell.
    /// - Returns: states `[batch, steps, units]` after each step (0 past the length), contexts
    ///   `[batch, steps, depth]`, and the attention weights `[batch, steps, time]`, exactly 0 past an utterance's
    ///   length.
    package func attentionDecoder(
        _ kind: RecurrentKind = .gru, gates: Variable, lengths: [Int], initial: [Variable], memory: AttentionMemory,
        weights: AttentionDecoderWeights
    ) -> (states: Variable, contexts: Variable, attention: Tensor) {
        switch kind {
        case .gru:
            attentionDecoder(
                GRUCell.self, gates: gates, lengths: lengths, initial: initial, memory: memory, weights: weights)
        case .lstm:
            attentionDecoder(
                LSTMCell.self, gates: gates, lengths: lengths, initial: initial, memory: memory, weights: weights)
        }
    }

    private func attentionDecoder<Cell: RecurrentCell>(
        _: Cell.Type, gates: Variable, lengths: [Int], initial: [Variable], memory: AttentionMemory,
        weights: AttentionDecoderWeights
    ) -> (states: Variable, contexts: Variable, attention: Tensor) {
        precondition(
            lengths.count == gates.shape[0] && memory.lengths.count == lengths.count,
            "\(lengths.count) lengths and \(memory.lengths.count) utterances for \(gates.shape)")
        let pass = AttentionDecoderPass<Cell>(
            on: self, gates: gates.value, lengths: lengths, initial: initial.map(\.value), memory: memory,
            weights: weights)
        pass.forward()
        let parents = [gates, memory.keys, memory.values] + initial + weights.all
        let results = record([pass.states, pass.contexts], from: parents) { [unowned self] gradients in
            pass.backward(on: self, dOutputs: gradients[0], dContexts: gradients[1], gates: gates, initial: initial)
        }
        return (results[0], results[1], pass.attention)
    }
}

private struct AttentionDecoderPass<Cell: RecurrentCell> {
    let memory: AttentionMemory
    let weights: AttentionDecoderWeights
    let location: LocationPass?
    let product: Products
    let rows: ActiveRows
    let batch: Int, steps: Int, units: Int, time: Int, width: Int, depth: Int
    /// `[batch, units]` a state.
    let initial: [Tensor]
    /// `[batch, steps, gates * units]`: the activated gates, then their gradients.
    let gates: Tensor
    let cell: Cell
    let states: Tensor, contexts: Tensor, attention: Tensor
    /// `[batch, steps, width]`: exp(2 q).
    let queries: Tensor
    /// `[batch, gates * units]`: the running step's.
    let recurrent: Tensor
    /// `[batch, units]` each: the running step's; the first is the layer's output.
    let running: [Tensor]

    init(
        on tape: Tape, gates: Tensor, lengths: [Int], initial: [Tensor], memory: AttentionMemory,
        weights: AttentionDecoderWeights
    ) {
        precondition(initial.count == Cell.stateCount, "\(initial.count) first states of \(Cell.stateCount)")
        self.memory = memory
        self.weights = weights
        product = tape.product
        self.initial = initial
        batch = gates.shape[0]
        steps = gates.shape[1]
        units = initial[0].shape.columns
        time = memory.keys.shape[1]
        width = memory.keys.shape.columns
        depth = memory.values.shape.columns
        rows = ActiveRows(lengths: lengths, time: steps)
        location = weights.location.map { [steps] in LocationPass($0, on: tape, memory: memory, steps: steps) }
        self.gates = tape.copy(gates)
        cell = Cell(on: tape, batch: batch, time: steps, units: units, keeping: tape.isRecording)
        states = tape.tensor([batch, steps, units])
        contexts = tape.zeros([batch, steps, depth])
        attention = tape.zeros([batch, steps, time])
        queries = tape.tensor([batch, steps, width])
        recurrent = tape.tensor([batch, Cell.gateCount * units])
        running = initial.map(tape.copy)
    }

    /// The rows of step `u` of a `[batch, steps, columns]` tensor that are still running.
    private func active(_ u: Int, of tensor: Tensor) -> Matrix {
        let rows = tensor.step(u)
        return Matrix(
            rows.pointer, rows: self.rows.counts[u], columns: tensor.shape.columns, stride: Int(rows.stride))
    }

    /// Those of a `[batch, columns]` tensor.
    private func active(_ tensor: Tensor, _ u: Int) -> Matrix {
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
            product(active(running[0], u), queryWeight, into: active(u, of: queries))
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
            product(active(u, of: contexts), contextWeight, beta: 1, into: active(u, of: gates))
            product(active(running[0], u), recurrentWeight, into: active(recurrent, u))
            cell.step(
                timeStep(u), gates: gates.step(u), recurrent: recurrent, bias: weights.recurrentBias.value,
                states: running, output: states.step(u))
        }
    }

    func backward(on tape: Tape, dOutputs: Tensor, dContexts: Tensor, gates gatesParent: Variable, initial: [Variable])
    {
        let previous = ([states] + cell.keptStates).enumerated().map { state, history in
            tape.previousStates(history, units: units, lengths: rows.lengths, initial: self.initial[state])
        }
        let dStates = initial.map { tape.zeros($0.shape) }
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
                previous: previous.map { $0.step(u) }, dOutput: dOutputs.step(u), dStates: dStates)
            product(active(u, of: gates), contextTransposed, beta: 1, into: active(u, of: dContexts))
            product(dRecurrent, recurrentTransposed, beta: 1, into: active(dStates[0], u))
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
            product(active(u, of: dQueries), queryTransposed, beta: 1, into: active(dStates[0], u))
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
            product(Matrix(previous[0]).transposed, Matrix(dQueries), beta: 1, into: Matrix(dw))
        }
        if let db = tape.gradientSum(weights.queryBias) { addColumnSums(of: Matrix(dQueries), to: db.pointer) }
        cell.addRecurrentGradients(
            on: tape, previous: previous[0], gates: gates, weight: weights.recurrentWeight, bias: weights.recurrentBias)
        tape.accumulate(gates, into: gatesParent)
        for (variable, gradient) in zip(initial, dStates) { tape.accumulate(gradient, into: variable) }
    }
}

extension Tape {
    /// One step of `attentionDecoder` for search: rows are hypotheses, several of which may share an utterance.
    ///
    /// - Parameters:
    ///   - gates: `[rows, gates * units]`, overwritten.
    ///   - states: `[rows, units]` for each state of the cell.
    ///   - owners: each row's utterance in `memory`.
    ///   - alignment: `[rows, time]`, what location features see (`LocationWeights.alignment`); zeros if none.
    /// - Returns: the next states, contexts `[rows, depth]` and attention weights `[rows, time]`.
    package func attentionDecoderStep(
        _ kind: RecurrentKind = .gru, gates: Tensor, states: [Tensor], memory: AttentionMemory, owners: [Int],
        weights: AttentionDecoderWeights, alignment: Tensor? = nil
    ) -> (states: [Tensor], context: Tensor, attention: Tensor) {
        let state = states[0]
        let queries = tensor([state.shape[0], weights.queryWeight.shape.columns])
        spreadProduct(Matrix(state), Matrix(weights.queryWeight.value), into: Matrix(queries))
        steno_add_bias(
            Int64(queries.shape.rows), Int64(queries.shape.columns), weights.queryBias.value.pointer, queries.pointer)
        let (contexts, attention) = additiveAttentionStep(
            queries: queries, memory: memory, owners: owners, energy: weights.energy, location: weights.location,
            alignment: alignment)
        spreadProduct(Matrix(contexts), Matrix(weights.contextWeight.value), beta: 1, into: Matrix(gates))
        let next = recurrentStep(
            kind, gates: gates, states: states, weight: weights.recurrentWeight.value,
            bias: weights.recurrentBias.value)
        return (next, contexts, attention)
    }
}
