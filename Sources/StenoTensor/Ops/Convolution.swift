import CKernels

extension Tape {
    /// Two-dimensional convolution over time and height, channels last, same stride both ways, padding (size - 1) / 2.
    ///
    /// Each utterance is convolved alone as if zeros followed it, so padding never enters a result.
    ///
    /// - Parameters:
    ///   - x: `[batch, time, height, in]`.
    ///   - lengths: valid time steps of each utterance.
    ///   - weight: `[size * size * in, out]`, rows in the order (time, height, channel).
    ///   - bias: `[out]`.
    /// - Returns: `[batch, ceil(time / stride), ceil(height / stride), out]`, 0 beyond each length, and its lengths.
    package func convolution(
        _ x: Variable, lengths: [Int], weight: Variable, bias: Variable, size: Int, stride: Int
    ) -> (Variable, lengths: [Int]) {
        let (batch, height, channels) = (x.shape[0], x.shape[2], x.shape[3])
        let outChannels = weight.shape.columns
        func reduced(_ extent: Int) -> Int { (extent + stride - 1) / stride }
        let outLengths = lengths.map(reduced)
        let (outTime, outHeight) = (reduced(x.shape[1]), reduced(height))
        let width = weight.shape[0]
        precondition(width == size * size * channels && size % 2 == 1, "weight \(weight.shape) for \(x.shape)")
        precondition(
            lengths.count == batch && lengths.allSatisfy { $0 >= 0 && $0 <= x.shape[1] },
            "lengths \(lengths) of \(x.shape)")
        let y = tensor([batch, outTime, outHeight, outChannels])

        // Patches are made and used in pieces that stay in the second-level cache.
        let piece = max(16, 65_536 / width)
        let patches = tensor([piece, width])
        func forEachPiece(_ body: (_ item: Int, _ from: Int, _ count: Int) -> Void) {
            for item in 0..<batch {
                let positions = outLengths[item] * outHeight
                for from in Swift.stride(from: 0, to: positions, by: piece) {
                    body(item, from, min(piece, positions - from))
                }
            }
        }
        func gather(_ item: Int, _ from: Int, _ count: Int, into rows: Tensor) {
            steno_patches(
                Int64(lengths[item]), Int64(height), Int64(channels), Int64(size), Int64(stride), Int64(outHeight),
                Int64(from), Int64(count), x.value[item].pointer, rows.pointer)
        }
        func output(_ tensor: Tensor, _ item: Int, _ from: Int, _ count: Int) -> Matrix {
            Matrix(tensor[item].pointer + from * outChannels, rows: count, columns: outChannels)
        }

        forEachPiece { item, from, count in
            gather(item, from, count, into: patches)
            product(
                Matrix(patches.pointer, rows: count, columns: width), Matrix(weight.value),
                into: output(y, item, from, count))
        }
        for item in 0..<batch {
            let valid = outLengths[item] * outHeight
            steno_add_bias(Int64(valid), Int64(outChannels), bias.value.pointer, y[item].pointer)
            let padding = (outTime * outHeight - valid) * outChannels
            (y[item].pointer + valid * outChannels).update(repeating: 0, count: padding)
        }

        let result = record(y, from: [x, weight, bias]) { [unowned self] dy in
            let rows = tensor([piece, width])
            let dw = gradientSum(weight)
            let dx = gradientSum(x)
            forEachPiece { item, from, count in
                let piece = Matrix(rows.pointer, rows: count, columns: width)
                if let dw {
                    gather(item, from, count, into: rows)
                    product(piece.transposed, output(dy, item, from, count), beta: 1, into: Matrix(dw))
                }
                if let dx {
                    product(output(dy, item, from, count), Matrix(weight.value).transposed, into: piece)
                    steno_patches_backward(
                        Int64(lengths[item]), Int64(height), Int64(channels), Int64(size), Int64(stride),
                        Int64(outHeight), Int64(from), Int64(count), rows.pointer, dx[item].pointer)
                }
            }
            if let db = gradientSum(bias) {
                for item in 0..<batch {
                    addColumnSums(of: output(dy, item, 0, outLengths[item] * outHeight), to: db.pointer)
                }
            }
        }
        return (result, outLengths)
    }
}
