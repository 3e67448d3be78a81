import CKernels
import StenoTensor
import Testing

/// PyTorch computed the goldens in float64; what is left is the rounding of single precision.
@Suite struct ParityTests {
    /// Worst seen, relative to the largest number of a tensor.
    private static let tolerance = 1e-5

    @Test(arguments: try Goldens.load().cases)
    func outputsAndGradientsAreThoseOfPyTorch(_ golden: GoldenCase) throws {
        let operation = try golden.operation()
        let (outputs, gradients) = operation.gradients(upstream: golden.outputGradients.mapValues(\.tensor))
        #expect(outputs.keys.sorted() == golden.outputs.keys.sorted())
        for (name, expected) in golden.outputs {
            #expect(difference(outputs[name], expected.tensor) < Self.tolerance, "\(name)")
        }
        for (name, expected) in golden.gradients {
            #expect(difference(gradients[name], expected.tensor) < Self.tolerance, "gradient of \(name)")
        }
    }

    @Test(arguments: try Goldens.load().cases.filter { $0.name.hasPrefix("multiHeadAttention") })
    func attentionWeightsAreThoseOfPyTorch(_ golden: GoldenCase) throws {
        let leaves = Leaves(values: golden.inputs.mapValues { Variable(constant: $0.tensor) })
        let weights = leaves.multiHeadAttention(on: Tape(Weights(zeros: Layout())), golden).weights
        let expected = try #require(golden.attention).tensor
        #expect(difference(weights, expected) < Self.tolerance)
        // What PyTorch has as exactly 0 is exactly 0.
        for (a, b) in zip(weights?.values ?? [], expected.values) where b == 0 { #expect(a == 0) }
    }

    @Test(arguments: try Goldens.load().optimisers.indices)
    func adamTakesTheStepsOfPyTorch(_ index: Int) throws {
        let golden = try Goldens.load().optimisers[index]
        let weight = golden.start.tensor
        let (moment, variance) = (Tensor(zeros: weight.shape), Tensor(zeros: weight.shape))
        for (number, step) in golden.steps.enumerated() {
            let gradient = step.gradient.tensor
            let norm = Float(gradient.sumOfSquares.squareRoot())
            func correction(_ beta: Float) -> Float { 1 - (0...number).reduce(1) { product, _ in product * beta } }
            steno_adam(
                Int64(weight.count), golden.rate, golden.beta1, golden.beta2, golden.epsilon, golden.decay,
                correction(golden.beta1), correction(golden.beta2), min(1, 1 / norm), gradient.pointer, moment.pointer,
                variance.pointer, weight.pointer)
            #expect(difference(weight, step.weight.tensor) < Self.tolerance, "step \(number)")
        }
    }
}
