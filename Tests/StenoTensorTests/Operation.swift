import Glibc
import StenoTensor
import Testing

/// Something computed on a tape from named leaves: what the parity and gradient tests work on.
struct Operation: Sendable, CustomTestStringConvertible {
    let name: String
    var leaves: [String: Tensor]
    /// The key of the pass, for operations that draw random numbers.
    var randomKey: UInt64?
    var precision = Precision.float32
    let compute: @Sendable (Tape, Leaves) -> [String: Variable]

    var testDescription: String { name }

    /// The outputs for other values of the leaves, on a tape that does not record.
    func outputs(_ leaves: [String: Tensor]? = nil) -> [String: Tensor] {
        let tape = Tape(Weights(zeros: Layout()), randomKey: randomKey, precision: precision)
        let variables = (leaves ?? self.leaves).mapValues { Variable(constant: $0) }
        return compute(tape, Leaves(values: variables)).mapValues { tape.copy($0.value) }
    }

    /// The outputs, and the gradients of `Σ output ⊙ upstream` with respect to every leaf.
    ///
    /// - Parameter asParameters: the leaves are parameters of a model, not inputs of the tape.
    func gradients(
        upstream: [String: Tensor], asParameters: Bool = false, workers: Workers? = nil
    ) -> (outputs: [String: Tensor], gradients: [String: Tensor]) {
        var layout = Layout()
        let names = leaves.keys.sorted()
        let parameters = names.map { layout.add($0, leaves[$0, default: Tensor(zeros: [])].shape, start: .zeros) }
        let (weights, sums) = (Weights(zeros: layout), Weights(zeros: layout))
        for (name, parameter) in zip(names, parameters) {
            weights[parameter].copyValues(from: leaves[name, default: Tensor(zeros: [])])
        }
        let tape = Tape(weights, gradients: sums, workers: workers, randomKey: randomKey, precision: precision)
        let variables = Dictionary(
            uniqueKeysWithValues: zip(names, parameters).map { name, parameter in
                (name, asParameters ? tape.parameter(parameter) : tape.input(weights[parameter]))
            })
        let outputs = compute(tape, Leaves(values: variables))
        let values = outputs.mapValues { tape.copy($0.value) }
        tape.backward(
            from: tape.weightedSum(
                upstream.compactMap { name, factors in
                    outputs[name].map { (tape.sumOfProducts($0, factors), 1) }
                }))
        let gradients = variables.mapValues { tape.gradient(of: $0) ?? Tensor(zeros: $0.shape) }
        return (values, gradients)
    }
}

extension Tape {
    /// The scalar `Σ x ⊙ factors`.
    func sumOfProducts(_ x: Variable, _ factors: Tensor) -> Variable {
        linear(reshape(x, [1, x.value.count]), weight: Variable(constant: factors.reshaped([factors.count, 1])))
    }
}

extension RandomStream {
    mutating func tensor(_ shape: Shape, scale: Float = 1) -> Tensor {
        Tensor((0..<shape.count).map { _ in scale * normal() }, shape: shape)
    }
}

/// The largest difference of two tensors relative to the largest number of the second (at least 1e-3); infinite where
/// one has a number that the other lacks.
func difference(_ a: Tensor?, _ b: Tensor?) -> Double {
    guard let a, let b, a.count == b.count else { return .infinity }
    return difference(a.values.map(Double.init), b.values.map(Double.init))
}

func difference(_ a: [Double], _ b: [Double]) -> Double {
    let largest = b.reduce(1e-3) { max($0, abs($1)) }
    return zip(a, b).reduce(0) { worst, pair in
        let d = abs(pair.0 - pair.1) / largest
        return d.isNaN ? .infinity : max(worst, d)
    }
}

/// e to the x, in double precision.
func exponential(_ x: Double) -> Double { exp(x) }
