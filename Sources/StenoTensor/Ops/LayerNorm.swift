import CKernels

extension Tape {
    /// Layer normalisation of the innermost axis: `y = g (x - mean) / sqrt(variance + ε) + b`.
    ///
    /// Ba, Kiros, Hinton 2016. `x`: `[..., width]`; `gain` and `bias`: `[width]`.
    package func layerNorm(_ x: Variable, gain: Variable, bias: Variable, epsilon: Float = 1e-5) -> Variable {
        let (rows, columns) = (x.shape.rows, x.shape.columns)
        let (y, normalised, scales) = (tensor(x.shape), tensor(x.shape), tensor([rows]))
        steno_layer_norm(
            Int64(rows), Int64(columns), epsilon, x.value.pointer, gain.value.pointer, bias.value.pointer,
            normalised.pointer, scales.pointer, y.pointer)
        return record(y, from: [x, gain, bias]) { [unowned self] dy in
            let dx = tensor(x.shape)
            let dGain = gradientSum(gain) ?? zeros(gain.shape)
            let dBias = gradientSum(bias) ?? zeros(bias.shape)
            steno_layer_norm_backward(
                Int64(rows), Int64(columns), normalised.pointer, scales.pointer, gain.value.pointer, dy.pointer,
                dx.pointer, dGain.pointer, dBias.pointer)
            accumulate(dx, into: x)
        }
    }
}
