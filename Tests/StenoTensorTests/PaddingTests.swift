import StenoTensor
import Testing

/// A padded batch gives what each utterance gives alone: products of other shapes round differently, hence 1e-5 for
/// outputs and 1e-4 for gradients, relative to the largest number of a tensor.
@Suite struct PaddingTests {
    /// Where a leaf or an output has its utterances.
    enum Part {
        case shared
        /// `[batch, ...]`.
        case rows
        /// `[batch, time, ...]`, valid up to these lengths.
        case sequences([Int])
        /// `[directions, batch, ...]`.
        case directions

        /// What belongs to one utterance, as a batch of one.
        func of(_ item: Int, in tensor: Tensor) -> Tensor {
            switch self {
            case .shared: return tensor
            case .rows: return part(tensor[item].values, [1] + tensor.shape.extents.dropFirst())
            case .sequences(let lengths):
                let shape = [1, lengths[item]] + tensor.shape.extents.dropFirst(2)
                return part(tensor[item].values.prefix(Shape(shape).count), shape)
            case .directions:
                let values = (0..<tensor.shape[0]).flatMap { tensor[$0][item].values }
                return part(values, [tensor.shape[0], 1] + tensor.shape.extents.dropFirst(2))
            }
        }

        /// What lies beyond an utterance's length.
        func beyond(_ item: Int, in tensor: Tensor) -> [Float] {
            guard case .sequences(let lengths) = self else { return [] }
            return Array(
                tensor[item].values.dropFirst(
                    lengths[item] * tensor.shape.rows / tensor.shape[0]
                        / tensor.shape[1] * tensor.shape.columns))
        }

        private func part(_ values: some Sequence<Float>, _ extents: some Sequence<Int>) -> Tensor {
            Tensor(Array(values), shape: Shape(Array(extents)))
        }
    }

    struct Batched: Sendable, CustomTestStringConvertible {
        let name: String
        let leaves: [String: (part: Part, shape: Shape)]
        let outputs: [String: Part]
        /// Computes the given utterances of the batch.
        let compute: @Sendable (Tape, Leaves, _ items: [Int]) -> [String: Variable]
        var testDescription: String { name }
    }

    @Test(arguments: cases)
    func aBatchGivesWhatEachUtteranceGivesAlone(_ batched: Batched) {
        var random = RandomStream(key: 5)
        // What stands in the padding is large, so that any of it in a result would show.
        let leaves = batched.leaves.mapValues { leaf in
            let tensor = random.tensor(leaf.shape, scale: 0.5)
            guard case .sequences(let lengths) = leaf.part else { return tensor }
            for (item, length) in lengths.enumerated() {
                let row = tensor.shape.count / (tensor.shape[0] * tensor.shape[1])
                for i in (length * row)..<tensor[item].count { tensor[item].pointer[i] *= 1e3 }
            }
            return tensor
        }
        let items = Array(0..<Self.batch)
        let whole = Operation(name: batched.name, leaves: leaves) { batched.compute($0, $1, items) }
        let upstream = whole.outputs().mapValues { random.tensor($0.shape) }
        let (outputs, gradients) = whole.gradients(upstream: upstream)

        // What is common to all utterances is the sum of what each gives.
        let sums = leaves.mapValues { Tensor(zeros: $0.shape) }
        let outputSums = outputs.mapValues { Tensor(zeros: $0.shape) }
        for item in items {
            let alone = Operation(
                name: batched.name,
                leaves: leaves.reduce(into: [:]) { result, leaf in
                    result[leaf.key] = batched.leaves[leaf.key]?.part.of(item, in: leaf.value)
                }
            ) { batched.compute($0, $1, [item]) }
            let result = alone.gradients(
                upstream: upstream.reduce(into: [:]) { result, output in
                    result[output.key] = batched.outputs[output.key]?.of(item, in: output.value)
                })
            for (name, part) in batched.outputs {
                guard let output = outputs[name], let own = result.outputs[name] else { continue }
                if case .shared = part {
                    outputSums[name]?.add(own)
                    continue
                }
                #expect(difference(part.of(item, in: output), own) < 1e-5, "\(name) of \(item)")
                #expect(part.beyond(item, in: output).allSatisfy { $0 == 0 }, "\(name) beyond \(item)")
            }
            for (name, leaf) in batched.leaves {
                guard let gradient = gradients[name], let own = result.gradients[name] else { continue }
                if case .shared = leaf.part {
                    sums[name]?.add(own)
                } else {
                    #expect(difference(leaf.part.of(item, in: gradient), own) < 1e-4, "gradient of \(name) of \(item)")
                    #expect(leaf.part.beyond(item, in: gradient).allSatisfy { $0 == 0 }, "gradient beyond \(item)")
                }
            }
        }
        for (name, part) in batched.outputs {
            if case .shared = part { #expect(difference(outputs[name], outputSums[name]) < 1e-5, "\(name)") }
        }
        for (name, leaf) in batched.leaves {
            if case .shared = leaf.part {
                #expect(difference(gradients[name], sums[name]) < 1e-4, "gradient of \(name)")
            }
        }
    }

    private static let batch = 5
    private static let lengths = [9, 23, 1, 17, 12]
    private static let outputLengths = [3, 8, 11, 1, 6]

    private static let cases: [Batched] = {
        let (time, steps, units, width) = (23, 11, 20, 16)
        let reduced = lengths.map { ($0 + 1) / 2 }
        func recurrent(gates: Int, states: [String]) -> [String: (part: Part, shape: Shape)] {
            var leaves: [String: (part: Part, shape: Shape)] = ["x": (.sequences(lengths), [batch, time, width])]
            for state in states { leaves[state] = (.directions, [2, batch, units]) }
            for direction in ["forward", "backward"] {
                leaves["\(direction).inputWeight"] = (.shared, [width, gates * units])
                leaves["\(direction).recurrentWeight"] = (.shared, [units, gates * units])
                leaves["\(direction).inputBias"] = (.shared, [gates * units])
                leaves["\(direction).recurrentBias"] = (.shared, [gates * units])
            }
            return leaves
        }
        let attention: [String: (part: Part, shape: Shape)] = [
            "gates": (.sequences(outputLengths), [batch, steps, 3 * units]), "initial": (.rows, [batch, units]),
            "keys": (.sequences(lengths), [batch, time, width]), "values": (.sequences(lengths), [batch, time, 12]),
            "queryWeight": (.shared, [units, width]), "queryBias": (.shared, [width]), "energy": (.shared, [width]),
            "contextWeight": (.shared, [12, 3 * units]), "recurrentWeight": (.shared, [units, 3 * units]),
            "recurrentBias": (.shared, [3 * units]),
        ]
        let location: [String: (part: Part, shape: Shape)] = [
            "filters": (.shared, [5, 3]), "locationWeight": (.shared, [3, width]),
        ]
        @Sendable func decode(_ tape: Tape, _ leaves: Leaves, _ items: [Int], _ location: LocationWeights?)
            -> [String: Variable]
        {
            let (states, contexts, _) = leaves.decode(
                on: tape, lengths: items.map { outputLengths[$0] }, memoryLengths: items.map { lengths[$0] },
                location: location)
            return ["states": states, "contexts": contexts]
        }
        return [
            Batched(
                name: "convolution",
                leaves: [
                    "x": (.sequences(lengths), [batch, time, 6, 3]), "weight": (.shared, [27, 4]),
                    "bias": (.shared, [4]),
                ], outputs: ["y": .sequences(reduced)]
            ) { tape, leaves, items in
                [
                    "y": tape.convolution(
                        leaves.x, lengths: items.map { lengths[$0] }, weight: leaves.weight, bias: leaves.bias, size: 3,
                        stride: 2
                    ).0
                ]
            },
            Batched(
                name: "gru", leaves: recurrent(gates: 3, states: ["hidden"]),
                outputs: ["outputs": .sequences(lengths), "last": .directions]
            ) { tape, leaves, items in
                let (outputs, last) = tape.gru(
                    leaves.x, lengths: items.map { lengths[$0] }, directions: leaves.directions, initial: leaves.hidden)
                return ["outputs": outputs, "last": last]
            },
            Batched(
                name: "lstm", leaves: recurrent(gates: 4, states: ["hidden", "cell"]),
                outputs: ["outputs": .sequences(lengths), "lastHidden": .directions, "lastCell": .directions]
            ) { tape, leaves, items in
                let (outputs, hidden, cell) = tape.lstm(
                    leaves.x, lengths: items.map { lengths[$0] }, directions: leaves.directions,
                    initial: (leaves.hidden, leaves.cell))
                return ["outputs": outputs, "lastHidden": hidden, "lastCell": cell]
            },
            Batched(
                name: "attention decoder", leaves: attention,
                outputs: ["states": .sequences(outputLengths), "contexts": .sequences(outputLengths)]
            ) { decode($0, $1, $2, nil) },
            Batched(
                name: "attention decoder with location features", leaves: attention.merging(location) { a, _ in a },
                outputs: ["states": .sequences(outputLengths), "contexts": .sequences(outputLengths)]
            ) {
                decode($0, $1, $2, LocationWeights(filters: $1.filters, weight: $1.locationWeight, isCumulative: true))
            },
            Batched(
                name: "attention of a sequence to itself",
                leaves: ["x": (.sequences(lengths), [batch, time, 3 * width])],
                outputs: ["y": .sequences(lengths)]
            ) { tape, leaves, items in
                let valid = items.map { lengths[$0] }
                return [
                    "y": tape.multiHeadAttention(
                        queries: leaves.x.part(0, of: 3), keys: leaves.x.part(1, of: 3),
                        values: leaves.x.part(2, of: 3), heads: 4, lengths: valid, queryLengths: valid
                    ).output
                ]
            },
            Batched(
                name: "attention of a sequence to its past",
                leaves: ["x": (.sequences(lengths), [batch, time, 3 * width])], outputs: ["y": .sequences(lengths)]
            ) { tape, leaves, items in
                let valid = items.map { lengths[$0] }
                return [
                    "y": tape.multiHeadAttention(
                        queries: leaves.x.part(0, of: 3), keys: leaves.x.part(1, of: 3),
                        values: leaves.x.part(2, of: 3), heads: 1, lengths: valid, queryLengths: valid,
                        isCausal: true
                    ).output
                ]
            },
            Batched(
                name: "attention to a memory",
                leaves: [
                    "queries": (.sequences(outputLengths), [batch, steps, width]),
                    "memory": (.sequences(lengths), [batch, time, 2 * width]),
                ], outputs: ["y": .sequences(outputLengths)]
            ) { tape, leaves, items in
                [
                    "y": tape.multiHeadAttention(
                        queries: Columns(leaves.queries), keys: leaves.memory.part(0, of: 2),
                        values: leaves.memory.part(1, of: 2), heads: 2, lengths: items.map { lengths[$0] },
                        queryLengths: items.map { outputLengths[$0] }
                    ).output
                ]
            },
            Batched(
                name: "ctc", leaves: ["logits": (.sequences(lengths), [batch, time, 5])], outputs: ["loss": .shared]
            ) {
                tape, leaves, items in
                let labels: [[Int32]] = items.map { Array([1, 2, 2, 4, 3].prefix(outputLengths[$0])) }
                return [
                    "loss": tape.ctcLoss(
                        leaves.logits, lengths: items.map { lengths[$0] }, labels: labels, blank: 0,
                        weights: items.map { _ in 1 }
                    ).0
                ]
            },
        ]
    }()
}
