import StenoTensor

/// A stack of GRU or LSTM layers with a readout of state and context (Bahdanau, Cho, Bengio 2015).
///
/// With input feeding the first layer attends at each step, and it and the layers above read what it attended to.
/// Without it the top layer's states attend, all steps at once (Luong, Pham, Manning 2015, with additive energies).
/// Without attention nothing is known of the source but what the layers begin with (Sutskever, Vinyals, Le 2014).
package struct RecurrentDecoder: SequenceDecoder {
    private enum Attention: Sendable {
        case none
        case fed(AttentiveLayer)
        case late(AdditiveAttention)
    }

    private let bridges: [Linear]
    private let embedding: Embedding
    private let attention: Attention
    /// The layers above an attentive one, or all.
    private let layers: [RecurrentLayer]
    private let residual: Bool
    private let readout: Linear
    private let output: OutputLayer
    private let dropout: Float
    private let kind: RecurrentKind
    private let units: Int
    /// Layers, the attentive one included.
    private let depth: Int

    /// - Parameters:
    ///   - depth: width of the encoder's states.
    ///   - shared: the embedding of both sides, if there is one.
    package init(_ layout: inout Layout, options: ModelOptions, depth: Int, symbols: Int, shared: Embedding?) {
        let decoder = options.decoder
        let (units, kind) = (decoder.units, decoder.cell)
        (self.units, self.kind, self.depth) = (units, kind, decoder.layers)
        dropout = decoder.dropout
        residual = decoder.residual
        let attends = options.architecture == .attention
        bridges =
            decoder.bridge || !attends
            ? (0..<decoder.layers * kind.stateCount).map {
                Linear(&layout, $0 == 0 ? "decoder.bridge" : "decoder.bridge.\($0)", from: depth, to: units)
            } : []
        embedding =
            shared ?? Embedding(&layout, "decoder.embedding", symbols: symbols, width: decoder.embedding)
        let fed =
            attends && decoder.inputFeeding
            ? AttentiveLayer(&layout, options: decoder, inputs: decoder.embedding, depth: depth) : nil
        layers = ((fed == nil ? 0 : 1)..<decoder.layers).map { index in
            let inputs = index == 0 ? decoder.embedding : units + (fed == nil ? 0 : depth)
            return RecurrentLayer(
                &layout, "decoder.layers.\(index)", kind, inputs: inputs, units: units, bidirectional: false)
        }
        attention =
            if let fed {
                .fed(fed)
            } else if attends {
                .late(AdditiveAttention(&layout, "decoder.attention", options: decoder, depth: depth))
            } else {
                .none
            }
        readout = Linear(&layout, "decoder.readout", from: units + (attends ? depth : 0), to: decoder.readout)
        output = OutputLayer(
            &layout, "decoder.output", from: decoder.readout, to: symbols,
            tied: options.tied == .none ? nil : embedding)
    }

    package func memory(_ encoded: Encoded, on tape: Tape) -> DecoderMemory {
        let memory: AttentionMemory? =
            switch attention {
            case .none: nil
            case .fed(let layer): layer.memory(encoded, on: tape)
            case .late(let attention): attention.memory(encoded, on: tape)
            }
        guard !bridges.isEmpty else {
            let zeros = (0..<depth * kind.stateCount).map { _ in
                Variable(constant: tape.zeros([encoded.lengths.count, units]))
            }
            return DecoderMemory(attention: memory, initial: zeros, lengths: encoded.lengths)
        }
        guard let last = encoded.last else { preconditionFailure("a bridge from an encoder without last states") }
        return DecoderMemory(
            attention: memory, initial: bridges.map { tape.tanh($0(last, on: tape)) }, lengths: encoded.lengths)
    }

    package func callAsFunction(
        inputs: [Int32], lengths: [Int], memory: DecoderMemory, on tape: Tape
    ) -> Variable {
        var x = tape.dropout(embedding(inputs, batch: lengths.count, on: tape), rate: dropout)
        var context: Variable?
        if case .fed(let layer) = attention {
            let fed = layer(
                x, lengths: lengths, initial: initial(memory, layer: 0), memory: memory.additive, on: tape)
            (x, context) = (fed.states, fed.contexts)
        }
        for (index, layer) in layers.enumerated() {
            let number = index + depth - layers.count
            let below = number == 0 ? x : tape.dropout(joined(x, context, on: tape), rate: dropout)
            let first = initial(memory, layer: number).map { tape.reshape($0, [1, lengths.count, units]) }
            x = over(x, layer(below, lengths: lengths, initial: first, on: tape).outputs, number, on: tape)
        }
        if case .late(let attention) = attention {
            context = attention(x, lengths: lengths, memory: memory.additive, on: tape).contexts
        }
        return logits(x, context, on: tape)
    }

    package func initialState(_ memory: DecoderMemory, items: [Int], on tape: Tape) -> DecoderState {
        DecoderState(tensors: memory.initial.map { tape.rows(items, of: $0.value) })
    }

    /// States are those of each layer in turn; what location features see comes last.
    package func step(
        _ tokens: [Int32], state: DecoderState, memory: DecoderMemory, owners: [Int], on tape: Tape
    ) -> DecoderStep {
        let count = kind.stateCount
        func states(of layer: Int) -> [Tensor] { Array(state.tensors[layer * count..<(layer + 1) * count]) }
        let embedded = embedding(tokens, batch: tokens.count, on: tape)
        var x = tape.reshape(embedded, [tokens.count, embedded.shape.columns])
        var (context, weights): (Variable?, Tensor?) = (nil, nil)
        var (next, seen): ([Tensor], ArraySlice<Tensor>) = ([], [])
        if case .fed(let layer) = attention {
            let fed = layer.step(
                x.value, states: states(of: 0) + state.tensors.dropFirst(depth * count), memory: memory.additive,
                owners: owners, on: tape)
            (next, seen) = (Array(fed.states.prefix(count)), fed.states.dropFirst(count))
            (x, context, weights) = (Variable(constant: next[0]), Variable(constant: fed.contexts), fed.attention)
        }
        for (index, layer) in layers.enumerated() {
            let number = index + depth - layers.count
            let below = number == 0 ? x : joined(x, context, on: tape)
            let states = layer.step(below.value, states: states(of: number), on: tape)
            next += states
            x = over(x, Variable(constant: states[0]), number, on: tape)
        }
        if case .late(let attention) = attention {
            let late = attention.step(x.value, memory: memory.additive, owners: owners, on: tape)
            (context, weights) = (Variable(constant: late.contexts), late.attention)
        }
        return DecoderStep(
            logits: logits(x, context, on: tape).value, state: DecoderState(tensors: next + seen), attention: weights)
    }

    private func initial(_ memory: DecoderMemory, layer: Int) -> [Variable] {
        Array(memory.initial[layer * kind.stateCount..<(layer + 1) * kind.stateCount])
    }

    private func joined(_ x: Variable, _ context: Variable?, on tape: Tape) -> Variable {
        context.map { tape.concatenate(x, $0) } ?? x
    }

    /// What layer `number` hands on: its states, and with residuals those below it.
    private func over(_ below: Variable, _ states: Variable, _ number: Int, on tape: Tape) -> Variable {
        residual && number > 0 ? tape.sum(below, states) : states
    }

    private func logits(_ x: Variable, _ context: Variable?, on tape: Tape) -> Variable {
        let hidden = tape.tanh(readout(joined(x, context, on: tape), on: tape))
        return output(tape.dropout(hidden, rate: dropout), on: tape)
    }
}

extension DecoderMemory {
    fileprivate var additive: AttentionMemory {
        guard let attention else { preconditionFailure("a memory without keys") }
        return attention
    }
}
