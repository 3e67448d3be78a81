import StenoTensor
import Testing

/// Every operation's whole Jacobian against differences of its outputs.
@Suite struct GradientTests {
    /// Four points a derivative: what they leave out is step^4 / 30 times the fifth derivative, below 1e-6 for
    /// functions like these; the rounding of outputs near 1 (6e-8, over some operations) divided by the step is what
    /// remains.
    private static let step: Float = 1 / 32
    private static let tolerance = 2e-4

    @Test(arguments: try Goldens.load().cases)
    func goldenCase(_ golden: GoldenCase) throws { check(try golden.operation()) }

    @Test(arguments: operations)
    func otherOperation(_ operation: Operation) { check(operation) }

    private func check(_ operation: Operation) {
        let outputs = operation.outputs()
        let names = outputs.keys.sorted()
        var random = RandomStream(key: 3)
        let upstream = outputs.mapValues { random.tensor($0.shape) }

        // Rows of the Jacobian, one output at a time, and one random sum of all rows, the leaves as parameters.
        var rows: [[String: Tensor]] = []
        for name in names {
            for index in 0..<outputs[name, default: Tensor(zeros: [])].count {
                let one = Tensor(zeros: outputs[name, default: Tensor(zeros: [])].shape)
                one.pointer[index] = 1
                rows.append(operation.gradients(upstream: [name: one]).gradients)
            }
        }
        let sum = operation.gradients(upstream: upstream, asParameters: true).gradients
        let factors = names.flatMap { upstream[$0]?.values ?? [] }.map(Double.init)

        for (leaf, value) in operation.leaves {
            var numerical: [Double] = []
            var analytic: [Double] = []
            var sums: [Double] = []
            for index in 0..<value.count {
                let column = derivative(of: operation, leaf, index, names)
                numerical += column
                analytic += rows.map { Double($0[leaf]?.values[index] ?? .nan) }
                sums.append(zip(column, factors).reduce(0) { $0 + $1.0 * $1.1 })
            }
            #expect(difference(analytic, numerical) < Self.tolerance, "Jacobian for \(leaf)")
            #expect(difference((sum[leaf]?.values ?? []).map(Double.init), sums) < Self.tolerance, "sum for \(leaf)")
            #expect(sum[leaf]?.count == value.count)
        }
    }

    /// The derivative of all outputs with respect to one number of one leaf.
    private func derivative(
        of operation: Operation, _ leaf: String, _ index: Int, _ names: [String]
    ) -> [Double] {
        func outputs(_ steps: Float) -> [Double] {
            var leaves = operation.leaves
            guard var values = leaves[leaf]?.values, let shape = leaves[leaf]?.shape else { return [] }
            values[index] += steps * Self.step
            leaves[leaf] = Tensor(values, shape: shape)
            let result = operation.outputs(leaves)
            return names.flatMap { result[$0]?.values ?? [] }.map(Double.init)
        }
        let (near, far) = (zip(outputs(1), outputs(-1)), zip(outputs(2), outputs(-2)))
        return zip(near, far).map { near, far in
            (8 * (near.0 - near.1) - (far.0 - far.1)) / (12 * Double(Self.step))
        }
    }

    /// What PyTorch has no case for.
    private static let operations: [Operation] = {
        var random = RandomStream(key: 4)
        let (a, b) = (random.tensor([2, 3]), random.tensor([2, 3]))
        return [
            Operation(name: "linear without bias", leaves: ["x": a, "weight": random.tensor([3, 2])]) {
                ["y": $0.linear($1.x, weight: $1.weight)]
            },
            Operation(name: "sum", leaves: ["a": a, "b": b]) { ["y": $0.sum($1.a, $1.b)] },
            Operation(name: "residual", leaves: ["a": a, "b": b], randomKey: 8) {
                ["y": $0.residual($1.a, $1.b, dropout: 0.5)]
            },
            Operation(name: "residual without dropout", leaves: ["a": a, "b": b], randomKey: 8) {
                ["y": $0.residual($1.a, $1.b)]
            },
            Operation(
                name: "cross-entropy in place",
                leaves: ["x": a, "weight": random.tensor([3, 4])]
            ) { tape, leaves in
                let logits = tape.linear(leaves.x, weight: leaves.weight)
                return [
                    "loss": tape.crossEntropy(
                        logits, targets: [2, 0], ignored: -1, smoothing: 0.1, scale: 0.5, inPlace: true)
                ]
            },
            // Columns that one variable gives twice, and columns that nothing reads.
            Operation(name: "attention of a value to itself", leaves: ["x": random.tensor([2, 4, 6])]) {
                let x = Columns($1.x, 1..<5)
                return [
                    "y": $0.multiHeadAttention(
                        queries: x, keys: x, values: Columns($1.x, 2..<6), heads: 2, lengths: [4, 3]
                    ).output
                ]
            },
            Operation(name: "sum of a value and itself", leaves: ["a": a]) {
                ["y": $0.sum($1.a, $1.a)]
            },
            Operation(name: "reshape", leaves: ["a": a]) { ["y": $0.reshape($1.a, [3, 2])] },
            Operation(name: "concatenate", leaves: ["a": a, "b": random.tensor([2, 1])]) {
                ["y": $0.concatenate($1.a, $1.b)]
            },
            Operation(name: "dropout", leaves: ["a": a], randomKey: 7) { ["y": $0.dropout($1.a, rate: 0.5)] },
            Operation(name: "weighted sum", leaves: ["a": random.tensor([1]), "b": random.tensor([1])]) {
                ["y": $0.weightedSum([($1.a, 0.5), ($1.b, -2), ($1.a, 1)])]
            },
            Operation(name: "layer after layer", leaves: ["x": a, "weight": random.tensor([3, 3])]) { tape, leaves in
                let hidden = tape.tanh(tape.linear(leaves.x, weight: leaves.weight))
                return ["hidden": hidden, "y": tape.sum(hidden, tape.linear(hidden, weight: leaves.weight))]
            },
        ]
    }()
}
