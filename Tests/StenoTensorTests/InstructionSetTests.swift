import CKernels
import StenoTensor
import Testing

/// The choice of an instruction set is the process's own, so each test makes it in a process of its own.
@Suite struct InstructionSetTests {
    private static let supported = [STENO_ISA_GENERIC, STENO_ISA_AVX2, STENO_ISA_AVX512]
        .filter { $0.rawValue <= steno_isa_best().rawValue }.map(\.rawValue)

    @Test(arguments: supported)
    func everyInstructionSetGivesWhatPyTorchGives(_ set: UInt32) async {
        await #expect(processExitsWith: .success) { [set] in
            #expect(steno_isa_select(steno_isa_t(rawValue: set)) == 0)
            #expect(steno_isa().rawValue == set)
            for golden in try Goldens.load().cases {
                let operation = try golden.operation()
                let (outputs, gradients) = operation.gradients(upstream: golden.outputGradients.mapValues(\.tensor))
                for (name, expected) in golden.outputs {
                    #expect(difference(outputs[name], expected.tensor) < 1e-5, "\(golden.name): \(name)")
                }
                for (name, expected) in golden.gradients {
                    #expect(difference(gradients[name], expected.tensor) < 1e-5, "\(golden.name): gradient of \(name)")
                }
            }
        }
    }

    /// Sizes around the widths of registers; products are oneDNN's and not compared here.
    @Test func allInstructionSetsAgree() async {
        await #expect(processExitsWith: .success) {
            for size in [1, 2, 7, 8, 9, 15, 16, 17, 31, 33, 64, 67] {
                #expect(steno_isa_select(STENO_ISA_GENERIC) == 0)
                let generic = KernelResults.all(size)
                for set in InstructionSetTests.supported.dropFirst() {
                    #expect(steno_isa_select(steno_isa_t(rawValue: set)) == 0)
                    for (name, values) in KernelResults.all(size) {
                        let expected = generic[name, default: []].map(Double.init)
                        #expect(difference(values.map(Double.init), expected) < 2e-6, "\(name) of \(size), set \(set)")
                    }
                }
            }
        }
    }

    @Test func whatTheProcessorLacksIsRefused() async {
        await #expect(processExitsWith: .success) {
            #expect(steno_isa_select(steno_isa_t(rawValue: steno_isa_best().rawValue + 1)) == -1)
            #expect(steno_isa().rawValue == steno_isa_best().rawValue)
        }
    }
}

/// What every kernel makes of random numbers.
private enum KernelResults {
    static func all(_ n: Int) -> [String: [Float]] {
        var random = RandomStream(key: UInt64(n))
        let rows = 3
        let size = Int64(n)
        var results: [String: [Float]] = [:]
        func draw(_ extents: Int..., scale: Float = 1) -> Tensor { random.tensor(Shape(extents), scale: scale) }
        func keep(_ name: String, _ tensors: Tensor...) { results[name] = tensors.flatMap(\.values) }
        let (x, bias) = (draw(rows, n), draw(n))

        // Over elements.
        for (name, apply) in [
            ("relu", { steno_relu($0, $1) }), ("tanh", { steno_tanh($0, $1) }), ("exp", { steno_exp($0, $1) }),
            ("exponentials", { steno_attention_exponentials($0, $1) }), ("scale", { steno_scale($0, 0.3, $1) }),
            ("add", { steno_add($0, bias.pointer, $1) }), ("scaled add", { steno_scaled_add($0, 2, bias.pointer, $1) }),
            ("gelu", { steno_gelu($0, bias.pointer, $1) }),
            ("gelu backward", { steno_gelu_backward($0, bias.pointer, $1) }),
            ("sum", { steno_sum($0, bias.pointer, bias.pointer, $1) }),
            ("dropout in a sum", { steno_dropout_sum($0, 5, 0.4, bias.pointer, bias.pointer, $1) }),
            ("relu backward", { steno_relu_backward($0, bias.pointer, $1) }),
            ("tanh backward", { steno_tanh_backward($0, bias.pointer, $1) }),
            ("dropout", { steno_dropout($0, 5, 0.4, bias.pointer, $1) }), ("gumbel", { steno_gumbel($0, 5, $1) }),
        ] as [(String, (Int64, UnsafeMutablePointer<Float>) -> Void)] {
            let y = draw(n, scale: 3)
            apply(size, y.pointer)
            keep(name, y)
        }

        // Over rows.
        let (y, sums, turned) = (Tensor(zeros: [rows, n]), Tensor(zeros: [n]), Tensor(zeros: [n, rows]))
        var squares = 0.0
        steno_sum_of_squares(size, x.pointer, &squares)
        results["sum of squares"] = [Float(squares)]
        y.copyValues(from: x)
        steno_add_bias(Int64(rows), size, bias.pointer, y.pointer)
        keep("bias", y)
        for (name, forward, backward) in [
            ("relu", { steno_bias_relu($0, $1, $2, $3) }, { steno_bias_relu_backward($0, $1, $2, $3, $4) }),
            ("gelu", { steno_bias_gelu($0, $1, $2, $3, y.pointer) }, { steno_bias_gelu_backward($0, $1, $2, $3, $4) }),
        ]
            as [(
                String, (Int64, Int64, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void,
                (
                    Int64, Int64, UnsafePointer<Float>, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>
                ) -> Void
            )]
        {
            let (z, dy, db) = (draw(rows, n), draw(rows, n), draw(n))
            forward(Int64(rows), size, bias.pointer, z.pointer)
            keep("bias and \(name)", z, y)
            backward(Int64(rows), size, z.pointer, dy.pointer, db.pointer)
            keep("bias and \(name) backward", dy, db)
        }
        steno_positions(1, Int64(rows), size, 7, 0.5, (0...n).map { 1 / Double($0 + 1) }, x.pointer, y.pointer)
        keep("positions", y)
        steno_sum_rows(Int64(rows), size, size, x.pointer, sums.pointer)
        keep("sum of rows", sums)
        steno_transpose(Int64(rows), size, x.pointer, turned.pointer)
        keep("transpose", turned)
        steno_log_softmax(Int64(rows), size, x.pointer, y.pointer)
        keep("log softmax", y)
        let (losses, totals) = (Tensor(zeros: [rows]), Tensor(zeros: [rows]))
        let (normalised, scales, dGain, dBias) = (
            Tensor(zeros: [rows, n]), Tensor(zeros: [rows]), Tensor(zeros: [n]), Tensor(zeros: [n])
        )
        if n > 1 {  // a single column has nothing but rounding
            steno_cross_entropy(
                Int64(rows), size, x.pointer, [0, -1, Int32(n - 1)], -1, 0.1, losses.pointer, totals.pointer)
            steno_cross_entropy_backward(
                Int64(rows), size, x.pointer, [0, -1, Int32(n - 1)], -1, 0.1, 0.5, totals.pointer, y.pointer)
            keep("cross-entropy", losses, y)
            steno_layer_norm(
                Int64(rows), size, 1e-5, x.pointer, bias.pointer, bias.pointer, normalised.pointer, scales.pointer,
                y.pointer)
            keep("layer norm", y)
            steno_layer_norm_backward(
                Int64(rows), size, normalised.pointer, scales.pointer, bias.pointer, x.pointer, y.pointer,
                dGain.pointer, dBias.pointer)
            keep("layer norm backward", y, dGain, dBias)
        }

        // Recurrent steps; the last row is not running.
        let lengths: [Int32] = [2, 1, 0]
        let (state, cell, kept, output) = (draw(rows, n), draw(rows, n), draw(rows, n), draw(rows, n))
        for (name, gateCount) in [("gru", 3), ("lstm", 4)] {
            let width = gateCount * n
            let (gates, recurrent, biases) = (draw(rows, width), draw(rows, width), draw(width))
            let (dOutput, dState, dCell) = (draw(rows, n), draw(rows, n), draw(rows, n))
            let stride = Int64(width)
            if name == "gru" {
                steno_gru_step(
                    Int64(rows), size, 0, lengths, gates.pointer, stride, recurrent.pointer, biases.pointer,
                    state.pointer, kept.pointer, size, output.pointer, size)
                keep(name, gates, state, kept, output)
                steno_gru_step_backward(
                    Int64(rows), size, 0, lengths, gates.pointer, stride, kept.pointer, size, x.pointer, size,
                    dOutput.pointer, size, dState.pointer, recurrent.pointer)
                keep("gru backward", gates, kept, dState, recurrent)
            } else {
                steno_lstm_step(
                    Int64(rows), size, 0, lengths, gates.pointer, stride, recurrent.pointer, biases.pointer,
                    state.pointer, cell.pointer, kept.pointer, size, output.pointer, size)
                keep(name, gates, state, cell, kept, output)
                steno_lstm_step_backward(
                    Int64(rows), size, 0, lengths, gates.pointer, stride, kept.pointer, size, x.pointer, size,
                    dOutput.pointer, size, dState.pointer, dCell.pointer)
                keep("lstm backward", gates, dState, dCell)
            }
        }

        // Attention over n steps.
        let (time, width, depth) = (n, 19, 21)
        let (keys, values, query, energy) = (draw(time, width), draw(time, depth), draw(width), draw(width))
        steno_attention_exponentials(Int64(keys.count), keys.pointer)
        steno_attention_exponentials(Int64(width), query.pointer)
        let (weights, context) = (Tensor(zeros: [time]), Tensor(zeros: [depth]))
        steno_additive_attention(
            size, Int64(width), Int64(depth), keys.pointer, values.pointer, query.pointer, energy.pointer,
            weights.pointer, context.pointer)
        keep("attention", weights, context)
        let (dContext, dWeights, scratch) = (draw(depth), draw(time), Tensor(zeros: [time + 2 * width]))
        let (dKeys, dQuery, dEnergy) = (draw(time, width), Tensor(zeros: [width]), draw(width))
        steno_additive_attention_backward(
            size, Int64(width), Int64(depth), keys.pointer, values.pointer, query.pointer, energy.pointer,
            weights.pointer, dContext.pointer, dWeights.pointer, scratch.pointer, dKeys.pointer, dQuery.pointer,
            dEnergy.pointer)
        keep("attention backward", dKeys, dQuery, dEnergy)
        let (surroundings, dSurroundings) = (Tensor(zeros: [time, 5]), draw(time, 5))
        steno_surroundings(size, 5, weights.pointer, surroundings.pointer)
        keep("surroundings", surroundings)
        steno_surroundings_backward(size, 5, dSurroundings.pointer, dWeights.pointer)
        keep("surroundings backward", dWeights)

        // Small products.
        let (left, right) = (draw(7, n), draw(n, n))
        let (plain, dots, padded) = (Tensor(zeros: [7, n]), Tensor(zeros: [7, n]), Tensor(zeros: [n, 80]))
        steno_strided_product(7, size, size, left.pointer, size, 1, right.pointer, size, plain.pointer, size)
        keep("strided product", plain)
        steno_dot_products(7, size, size, left.pointer, size, right.pointer, size, dots.pointer, size)
        keep("dot products", dots)
        steno_transpose_padded(size, size, size, right.pointer, 80, padded.pointer)
        results["padded transpose"] = padded.values

        // Attention of n queries in order over n keys, two heads of n columns.
        let packed = draw(2, n, 6 * n, scale: 0.5)
        let itemLengths: [Int32] = [Int32(n), Int32((n + 1) / 2)]
        itemLengths.withUnsafeBufferPointer { lengths in
            var call = steno_attention_t(
                heads: 2, width: size, queries: size, time: size, is_causal: 1, lengths: lengths.baseAddress,
                query_lengths: lengths.baseAddress, q: packed.pointer, k: packed.pointer + 2 * n,
                v: packed.pointer + 4 * n, q_stride: 6 * size, k_stride: 6 * size, v_stride: 6 * size)
            let stride = Int(steno_attention_stride(size))
            let (output, dOutput, dPacked) = (draw(2, n, 2 * n), draw(2, n, 2 * n), draw(2, n, 6 * n))
            let (weights, room) = (
                Tensor(zeros: [4, n, stride]), Tensor(zeros: [Int(steno_attention_scratch(&call, 1))])
            )
            steno_multi_head_attention(&call, 0, 4, output.pointer, weights.pointer, room.pointer)
            let mean = draw(n, n)
            steno_attention_mean(2, size, size, size, size, Int64(stride), weights.pointer, mean.pointer)
            keep("multi-head attention", output, weights, mean)
            steno_multi_head_attention_backward(
                &call, 0, 4, weights.pointer, dOutput.pointer, dPacked.pointer, 6 * size, dPacked.pointer + 2 * n,
                6 * size, dPacked.pointer + 4 * n, 6 * size, room.pointer)
            keep("multi-head attention backward", dPacked)
            let (stepOutput, stepMean) = (draw(3, 2 * n), draw(3, n))
            steno_attention_step(
                3, 2, size, size, packed.pointer, 6 * size, packed.pointer + 2 * n, packed.pointer + 4 * n,
                6 * size * size, 6 * size, [1, 0, 1], lengths.baseAddress, room.pointer, stepOutput.pointer,
                stepMean.pointer)
            keep("attention step", stepOutput, stepMean)
        }

        // Convolution of [n, 5, 2], stride 2.
        let (image, positions) = (draw(n, 5, 2), ((n + 1) / 2) * 3)
        let (patches, dPatches) = (Tensor(zeros: [positions, 18]), draw(positions, 18))
        steno_patches(size, 5, 2, 3, 2, 3, 0, Int64(positions), image.pointer, patches.pointer)
        keep("patches", patches)
        steno_patches_backward(size, 5, 2, 3, 2, 3, 0, Int64(positions), dPatches.pointer, image.pointer)
        keep("patches backward", image)

        // CTC of n labels in 2 n frames of 4 symbols.
        let labels = (0..<n).map { Int32(1 + $0 % 3) }
        let (logits, logProbabilities, gradient) = (
            draw(2 * n, 4), Tensor(zeros: [2 * n, 4]), Tensor(zeros: [2 * n, 4])
        )
        let room = Tensor(zeros: [(2 * n + 4) * (2 * n + 5)])
        var loss = 0.0
        steno_log_softmax(2 * size, 4, logits.pointer, logProbabilities.pointer)
        steno_ctc(2 * size, 4, logProbabilities.pointer, size, labels, 0, room.pointer, &loss, gradient.pointer)
        keep("ctc", gradient)
        results["ctc loss"] = [Float(loss)]

        // A trie of all tokens and, after token 0, all tokens again.
        let tokens = [0] + (0..<2 * n).map { UInt8($0 % n) }
        let shares = [0] + (0..<2 * n).map { 0.5 / Float(n + $0 % 3) }
        let contexts: [Int32] = [0, -1, 0, 1, 0, -1]
        steno_ngram_scores(
            Int64(rows), size, 2, 2, [1, UInt32(n + 1), UInt32(2 * n + 1)], tokens, shares, [0.5, 0.25], contexts,
            y.pointer)
        keep("n-grams", y)

        let (moment, variance, weight) = (draw(n), Tensor(x[0].values.map { $0 * $0 }, shape: [n]), draw(n))
        steno_adam(
            size, 0.01, 0.9, 0.98, 1e-8, 0.1, 0.1, 0.02, 0.5, bias.pointer, moment.pointer, variance.pointer,
            weight.pointer)
        keep("adam", moment, variance, weight)
        return results
    }
}
