import StenoTensor
import Testing

@Suite struct TapeTests {
    private func model() -> (weights: Weights, gradients: Weights, parameter: Parameter) {
        var layout = Layout()
        let parameter = layout.add("w", [1, 1], start: .ones)
        return (Weights(layout, seed: 1), Weights(zeros: layout), parameter)
    }

    private let x = Variable(constant: Tensor([2], shape: [1, 1]))
    private let y = Variable(constant: Tensor([5], shape: [1, 1]))

    @Test func gradientsOfTwoUsesOfAParameterAdd() {
        let (weights, gradients, parameter) = model()
        let tape = Tape(weights, gradients: gradients)
        let w = tape.parameter(parameter)
        tape.backward(from: tape.sum(tape.linear(x, weight: w), tape.linear(y, weight: tape.parameter(parameter))))
        #expect(gradients[parameter].scalar == 7)
    }

    @Test func gradientsOfSeveralTapesAdd() {
        let (weights, gradients, parameter) = model()
        for input in [x, y] {
            let tape = Tape(weights, gradients: gradients)
            tape.backward(from: tape.linear(input, weight: tape.parameter(parameter)))
        }
        #expect(gradients[parameter].scalar == 7)
    }

    @Test func aValueUsedTwiceGetsBothGradients() {
        let (weights, gradients, _) = model()
        let tape = Tape(weights, gradients: gradients)
        let a = tape.input(Tensor([3], shape: [1, 1]))
        tape.backward(from: tape.weightedSum([(tape.sum(a, a), 2), (a, 1)]))
        #expect(tape.gradient(of: a)?.scalar == 5)
    }

    @Test func aTapeWithoutGradientsRecordsNothing() {
        let (weights, _, parameter) = model()
        let tape = Tape(weights)
        #expect(!tape.linear(x, weight: tape.parameter(parameter)).needsGradient)
    }

    @Test func constantsTakeNoGradient() {
        let (weights, gradients, _) = model()
        let tape = Tape(weights, gradients: gradients)
        #expect(!tape.tanh(x).needsGradient)
    }

    /// Whatever leaf of whatever operation it comes from: training notices by its loss.
    @Test(arguments: try Goldens.load().cases)
    func notANumberShowsInAResult(_ golden: GoldenCase) throws {
        let operation = try golden.operation()
        for (name, leaf) in operation.leaves {
            var leaves = operation.leaves
            leaves[name] = Tensor([.nan] + leaf.values.dropFirst(), shape: leaf.shape)
            let outputs = operation.outputs(leaves)
            #expect(outputs.values.contains { $0.values.contains { $0.isNaN } }, "\(name)")
        }
    }

    @Test func theSameSeedGivesTheSameWeights() {
        var layout = Layout()
        let square = layout.add("square", [6, 18], start: .orthogonal)
        let table = layout.add("table", [5, 4], start: .uniform(bound: 0.25))
        let (a, b) = (Weights(layout, seed: 1), Weights(layout, seed: 1))
        #expect(a.flat.values == b.flat.values)
        #expect(a.flat.values != Weights(layout, seed: 2).flat.values)
        #expect(a[table].values.allSatisfy { abs($0) <= 0.25 })
        for block in 0..<3 {
            for i in 0..<6 {
                for j in 0..<6 {
                    let dot = (0..<6).reduce(Float(0)) {
                        $0 + a[square].pointer[i * 18 + block * 6 + $1] * a[square].pointer[j * 18 + block * 6 + $1]
                    }
                    #expect(abs(dot - (i == j ? 1 : 0)) < 1e-5)
                }
            }
        }
    }
}
