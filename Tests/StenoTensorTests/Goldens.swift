import Foundation
import StenoTensor
import Testing

/// What Goldens/make_goldens.py wrote.
struct Goldens: Decodable {
    let cases: [GoldenCase]
    let optimisers: [GoldenOptimiser]

    static func load() throws -> Goldens {
        guard let url = Bundle.module.url(forResource: "parity", withExtension: "json", subdirectory: "Goldens") else {
            throw CocoaError(.fileNoSuchFile)
        }
        return try JSONDecoder().decode(Goldens.self, from: Data(contentsOf: url))
    }
}

struct GoldenTensor: Decodable {
    let shape: [Int]
    let values: [Double]

    var tensor: Tensor { Tensor(values.map(Float.init), shape: Shape(shape)) }
}

struct GoldenOptimiser: Decodable {
    struct Step: Decodable {
        let gradient: GoldenTensor
        let weight: GoldenTensor
    }

    let decay: Float, rate: Float, beta1: Float, beta2: Float, epsilon: Float
    let start: GoldenTensor
    let steps: [Step]
}

struct GoldenCase: Decodable, CustomTestStringConvertible {
    let name: String
    let integers: [String: [Int]]
    let settings: [String: Double]
    let inputs: [String: GoldenTensor]
    let outputs: [String: GoldenTensor]
    let outputGradients: [String: GoldenTensor]
    let gradients: [String: GoldenTensor]
    /// Of an operation that attends: its weights.
    let attention: GoldenTensor?

    var testDescription: String { name }

    func lengths(_ name: String = "lengths") -> [Int] { integers[name] ?? [] }
    func setting(_ name: String) -> Float { Float(settings[name] ?? .nan) }

    /// The same computation by StenoTensor.
    func operation() throws -> Operation {
        let kind = name.prefix { $0 != "," }
        guard let compute = computation(String(kind)) else { throw UnknownCase(name: name) }
        return Operation(name: name, leaves: inputs.mapValues(\.tensor), compute: compute)
    }

    struct UnknownCase: Error { let name: String }

    private func computation(_ kind: String) -> (@Sendable (Tape, Leaves) -> [String: Variable])? {
        let (lengths, settings) = (lengths(), settings)
        switch kind {
        case "linear":
            return { ["y": $0.linear($1.x, weight: $1.weight, bias: $1.bias)] }
        case "embedding":
            let (tokens, batch) = (self.lengths("tokens").map(Int32.init), self.lengths("batch")[0])
            return { ["y": $0.embedding(tokens, batch: batch, table: $1.table)] }
        case "relu":
            return { ["y": $0.relu($1.x)] }
        case "tanh":
            return { ["y": $0.tanh($1.x)] }
        case "gelu":
            return { ["y": $0.gelu($1.x)] }
        case "linear with relu":
            return { ["y": $0.linear($1.x, weight: $1.weight, bias: $1.bias, activation: .relu)] }
        case "linear with gelu":
            return { ["y": $0.linear($1.x, weight: $1.weight, bias: $1.bias, activation: .gelu)] }
        case "tied output":
            let (tokens, batch) = (self.lengths("tokens").map(Int32.init), self.lengths("batch")[0])
            return { tape, leaves in
                let x = tape.embedding(tokens, batch: batch, table: leaves.table)
                return ["y": tape.linear(x, transposedWeight: leaves.table, bias: leaves.bias)]
            }
        case "positions":
            let (scale, offset) = (setting("scale"), self.lengths("offset")[0])
            return { tape, leaves in
                let positions = SinusoidalPositions(width: leaves.x.shape.columns)
                return ["y": tape.positioned(leaves.x, by: positions, scale: scale, offset: offset)]
            }
        case "multiHeadAttention":
            return { ["y": $1.multiHeadAttention(on: $0, self).output] }
        case "layerNorm":
            return { ["y": $0.layerNorm($1.x, gain: $1.gain, bias: $1.bias)] }
        case "convolution":
            let stride = self.lengths("stride")[0]
            return { tape, leaves in
                [
                    "y": tape.convolution(
                        leaves.x, lengths: lengths, weight: leaves.weight, bias: leaves.bias, size: 3, stride: stride
                    ).0
                ]
            }
        case "gru":
            return { tape, leaves in
                let (outputs, last) = tape.gru(
                    leaves.x, lengths: lengths, directions: leaves.directions, initial: leaves.values["hidden"])
                return ["outputs": outputs, "lastHidden": last]
            }
        case "lstm":
            let hasInitial = inputs["cell"] != nil
            return { tape, leaves in
                let (outputs, hidden, cell) = tape.lstm(
                    leaves.x, lengths: lengths, directions: leaves.directions,
                    initial: hasInitial ? (leaves.hidden, leaves.cell) : nil)
                return ["outputs": outputs, "lastHidden": hidden, "lastCell": cell]
            }
        case "attentionDecoder":
            let (memoryLengths, hasLocation) = (self.lengths("memoryLengths"), inputs["filters"] != nil)
            return { tape, leaves in
                let location =
                    hasLocation
                    ? LocationWeights(
                        filters: leaves.filters, weight: leaves.locationWeight,
                        isCumulative: settings["cumulative"] == 1) : nil
                let (states, contexts, _) = leaves.decode(
                    on: tape, lengths: lengths, memoryLengths: memoryLengths, location: location)
                return ["states": states, "contexts": contexts]
            }
        case "crossEntropy":
            let targets = self.lengths("targets").map(Int32.init)
            let (smoothing, scale) = (setting("smoothing"), setting("scale"))
            return { tape, leaves in
                [
                    "loss": tape.crossEntropy(
                        leaves.logits, targets: targets, ignored: -1, smoothing: smoothing, scale: scale)
                ]
            }
        case "ctc":
            var rest = self.lengths("labels")[...]
            let labels = self.lengths("counts").map { count in
                defer { rest = rest.dropFirst(count) }
                return rest.prefix(count).map(Int32.init)
            }
            let weights = labels.indices.map { setting("weight\($0)") }
            return { tape, leaves in
                ["loss": tape.ctcLoss(leaves.logits, lengths: lengths, labels: labels, blank: 0, weights: weights).0]
            }
        default:
            return nil
        }
    }
}

/// Leaves by the names that make_goldens.py gives them.
@dynamicMemberLookup
struct Leaves {
    let values: [String: Variable]

    subscript(dynamicMember name: String) -> Variable { self[name] }

    subscript(name: String) -> Variable {
        guard let value = values[name] else { preconditionFailure("no leaf \(name)") }
        return value
    }

    /// Those of a recurrent layer: forward first.
    var directions: [RecurrentDirection] {
        ["forward", "backward"].filter { values["\($0).inputWeight"] != nil }.map {
            RecurrentDirection(
                inputWeight: self["\($0).inputWeight"], recurrentWeight: self["\($0).recurrentWeight"],
                inputBias: self["\($0).inputBias"], recurrentBias: self["\($0).recurrentBias"],
                isReversed: $0 == "backward")
        }
    }

    /// Of queries, keys and values that are packed or stand alone.
    func multiHeadAttention(on tape: Tape, _ golden: GoldenCase) -> (output: Variable, weights: Tensor?) {
        let packed = values["packed"]
        let parts = values["queries"] == nil ? 3 : 2
        return tape.multiHeadAttention(
            queries: values["queries"].map { Columns($0) } ?? self.packed.part(0, of: 3),
            keys: packed?.part(parts - 2, of: parts) ?? Columns(self.keys),
            values: packed?.part(parts - 1, of: parts) ?? Columns(self["values"]), heads: Int(golden.setting("heads")),
            lengths: golden.lengths(), queryLengths: golden.lengths("queryLengths"),
            isCausal: golden.settings["causal"] == 1, keepsWeights: true)
    }

    func decoderWeights(location: LocationWeights?) -> AttentionDecoderWeights {
        AttentionDecoderWeights(
            queryWeight: self.queryWeight, queryBias: self.queryBias, energy: self.energy,
            contextWeight: self.contextWeight, recurrentWeight: self.recurrentWeight,
            recurrentBias: self.recurrentBias, location: location)
    }

    func decode(
        on tape: Tape, lengths: [Int], memoryLengths: [Int], location: LocationWeights?
    ) -> (states: Variable, contexts: Variable, attention: Tensor) {
        tape.attentionDecoder(
            gates: self.gates, lengths: lengths, initial: [self.initial],
            memory: AttentionMemory(keys: self.keys, values: self["values"], lengths: memoryLengths),
            weights: decoderWeights(location: location))
    }
}
