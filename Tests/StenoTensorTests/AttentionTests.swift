import StenoTensor
import Testing

@Suite struct AttentionTests {
    private static let lengths = [4, 7, 2]
    private static let memoryLengths = [9, 13, 1]

    private static func leaves(units: Int = 6, width: Int = 10, depth: Int = 8) -> [String: Tensor] {
        var random = RandomStream(key: 11)
        let (batch, steps, time) = (3, 7, 13)
        return [
            "gates": random.tensor([batch, steps, 3 * units]), "initial": random.tensor([batch, units]),
            "keys": random.tensor([batch, time, width]), "values": random.tensor([batch, time, depth]),
            "queryWeight": random.tensor([units, width]), "queryBias": random.tensor([width]),
            "energy": random.tensor([width], scale: 2), "contextWeight": random.tensor([depth, 3 * units]),
            "recurrentWeight": random.tensor([units, 3 * units]), "recurrentBias": random.tensor([3 * units]),
            "filters": random.tensor([5, 3], scale: 3), "locationWeight": random.tensor([3, width]),
        ]
    }

    /// No location features, those of the last weights, those of all earlier weights.
    private static let kinds: [Bool?] = [nil, false, true]

    private static func location(_ leaves: Leaves, _ isCumulative: Bool?) -> LocationWeights? {
        isCumulative.map {
            LocationWeights(filters: leaves.filters, weight: leaves.locationWeight, isCumulative: $0)
        }
    }

    @Test(arguments: kinds)
    func weightsAddTo1AndAreExactly0BeyondTheLength(_ isCumulative: Bool?) {
        let tape = Tape(Weights(zeros: Layout()))
        let leaves = Leaves(values: Self.leaves().mapValues { Variable(constant: $0) })
        let attention = leaves.decode(
            on: tape, lengths: Self.lengths, memoryLengths: Self.memoryLengths,
            location: Self.location(leaves, isCumulative)
        ).attention
        for (item, length) in Self.memoryLengths.enumerated() {
            for step in 0..<attention.shape[1] {
                let weights = attention[item][step].values
                #expect(weights.dropFirst(length).allSatisfy { $0 == 0 })
                #expect(abs(weights.reduce(0, +) - (step < Self.lengths[item] ? 1 : 0)) < 1e-6)
            }
        }
    }

    /// Rows of search in another order than the memory, two of them on one utterance.
    @Test(arguments: kinds)
    func stepByStepIsTheSameAsAllStepsAtOnce(_ isCumulative: Bool?) {
        let tape = Tape(Weights(zeros: Layout()))
        let leaves = Leaves(values: Self.leaves().mapValues { Variable(constant: $0) })
        let location = Self.location(leaves, isCumulative)
        let weights = leaves.decoderWeights(location: location)
        let memory = AttentionMemory(keys: leaves.keys, values: leaves["values"], lengths: Self.memoryLengths)
        let (states, contexts, attention) = tape.attentionDecoder(
            gates: leaves.gates, lengths: [7, 7, 7], initial: [leaves.initial], memory: memory, weights: weights)

        let owners = [2, 0, 1, 0]
        func rows(_ tensors: [Tensor]) -> Tensor {
            Tensor(tensors.flatMap(\.values), shape: [tensors.count, tensors[0].count])
        }
        var state = rows(owners.map { leaves.initial.value[$0] })
        var alignment: Tensor?
        for step in 0..<7 {
            let result = tape.attentionDecoderStep(
                gates: rows(owners.map { leaves.gates.value[$0][step] }), states: [state], memory: memory,
                owners: owners,
                weights: weights, alignment: alignment)
            state = result.states[0]
            alignment = location?.alignment(after: result.attention, earlier: alignment, on: tape)
            #expect(difference(state, rows(owners.map { states.value[$0][step] })) < 1e-5)
            #expect(difference(result.context, rows(owners.map { contexts.value[$0][step] })) < 1e-5)
            #expect(difference(result.attention, rows(owners.map { attention[$0][step] })) < 1e-5)
        }
    }

    /// The kernels take tanh(k + q) from exp(2 k) exp(2 q): also where a product of the two overflows or vanishes.
    @Test(arguments: [Float(0.01), 1, 10, 21])
    func energiesAreRightForLargeKeysAndQueries(_ scale: Float) {
        var random = RandomStream(key: 12)
        let (time, width) = (9, 33)
        let keys = random.tensor([1, time, width], scale: scale)
        let query = random.tensor([width], scale: scale)
        let energy = random.tensor([width])
        for i in 0..<keys.count { keys.pointer[i] = min(max(keys.pointer[i], -42), 42) }
        for i in 0..<query.count { query.pointer[i] = min(max(query.pointer[i], -42), 42) }

        let tape = Tape(Weights(zeros: Layout()))
        func zeros(_ shape: Shape) -> Variable { Variable(constant: Tensor(zeros: shape)) }
        let attention = tape.attentionDecoder(
            gates: zeros([1, 1, 3]), lengths: [1], initial: [zeros([1, 1])],
            memory: AttentionMemory(
                keys: Variable(constant: keys), values: zeros([1, time, 1]), lengths: [time]),
            weights: AttentionDecoderWeights(
                queryWeight: zeros([1, width]), queryBias: Variable(constant: query),
                energy: Variable(constant: energy), contextWeight: zeros([1, 3]), recurrentWeight: zeros([1, 3]),
                recurrentBias: zeros([3]))
        ).attention

        let energies = (0..<time).map { t in
            (0..<width).reduce(0.0) { sum, j in
                let x = Double(keys[0][t].pointer[j]) + Double(query.pointer[j])
                return sum + Double(energy.pointer[j]) * (1 - 2 / (1 + exponential(2 * x)))
            }
        }
        let powers = energies.map { exponential($0 - (energies.max() ?? 0)) }
        let expected = powers.map { $0 / powers.reduce(0, +) }
        #expect(difference(attention.values.map(Double.init), expected) < 1e-5)
    }
}
