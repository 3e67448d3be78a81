import StenoTensor

/// 3 x 3 convolutions of stride 2 over time and mel bins, each with ReLU: `[B, T, F] -> [B, T/factor, width]`.
package struct ConvolutionalSubsampling: Sendable {
    private struct Stage: Sendable {
        let weight: Parameter
        let bias: Parameter
    }

    private let stages: [Stage]
    /// Numbers of one output frame.
    package let width: Int
    /// Input frames of one output frame.
    package let factor: Int

    /// - Parameter factor: 2 or 4, one stage for each halving.
    package init(_ layout: inout Layout, _ name: String, bins: Int, channels: Int, factor: Int) {
        precondition(factor == 2 || factor == 4, "subsampling by \(factor)")
        var stages: [Stage] = []
        var (height, inputs) = (bins, 1)
        for index in 0..<(factor == 4 ? 2 : 1) {
            let bound = 1 / Float(9 * inputs).squareRoot()
            stages.append(
                Stage(
                    weight: layout.add(
                        "\(name).\(index).weight", [9 * inputs, channels], start: .uniform(bound: bound)),
                    bias: layout.add("\(name).\(index).bias", [channels], start: .zeros)))
            (height, inputs) = ((height + 1) / 2, channels)
        }
        self.stages = stages
        self.width = height * channels
        self.factor = factor
    }

    package func callAsFunction(_ frames: Variable, lengths: [Int], on tape: Tape) -> (Variable, lengths: [Int]) {
        let (batch, time, bins) = (frames.shape[0], frames.shape[1], frames.shape[2])
        var x = tape.reshape(frames, [batch, time, bins, 1])
        var lengths = lengths
        for stage in stages {
            let (y, shorter) = tape.convolution(
                x, lengths: lengths, weight: tape.parameter(stage.weight), bias: tape.parameter(stage.bias), size: 3,
                stride: 2)
            x = tape.relu(y)
            lengths = shorter
        }
        return (tape.reshape(x, [batch, x.shape[1], width]), lengths)
    }

    /// Output frames of an input of `frames`.
    package func outputLength(_ frames: Int) -> Int {
        stages.reduce(frames) { length, _ in (length + 1) / 2 }
    }
}
