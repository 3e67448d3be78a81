import StenoTensor
import Testing

@Suite struct MultiHeadAttentionTests {
    private let tape = Tape(Weights(zeros: Layout()))

    private func rows(_ tensors: [Tensor]) -> Tensor {
        Tensor(tensors.flatMap(\.values), shape: Shape([tensors.count] + (tensors.first?.shape.extents ?? [])))
    }

    private func constant(_ tensor: Tensor) -> Variable { Variable(constant: tensor) }

    /// Sizes around those of registers, tiles and blocks of queries.
    @Test(arguments: [(1, 1), (15, 3), (16, 64), (17, 32), (48, 16), (49, 8), (97, 33)], [false, true])
    func weightsAreThoseOfTheDefinition(_ size: (time: Int, width: Int), _ isCausal: Bool) {
        var random = RandomStream(key: 21)
        let (time, width, heads) = (size.time, size.width, 2)
        let lengths = [time, (time + 1) / 2, 0]
        let packed = random.tensor([3, time, 3 * heads * width])
        let x = constant(packed)
        let (output, mean) = tape.multiHeadAttention(
            queries: x.part(0, of: 3), keys: x.part(1, of: 3), values: x.part(2, of: 3), heads: heads, lengths: lengths,
            isCausal: isCausal, keepsWeights: true)
        var (expected, expectedMean) = ([Double](), [Double](repeating: 0, count: 3 * time * time))
        for item in 0..<3 {
            for u in 0..<time {
                for head in 0..<heads {
                    func number(_ t: Int, _ part: Int, _ j: Int) -> Double {
                        Double(packed.pointer[((item * time + t) * 3 + part) * heads * width + head * width + j])
                    }
                    let seen = isCausal ? min(lengths[item], u + 1) : lengths[item]
                    let powers = (0..<seen).map { t in
                        exponential(
                            (0..<width).reduce(0.0) { $0 + number(u, 0, $1) * number(t, 1, $1) }
                                / Double(width).squareRoot())
                    }
                    let weights = powers.map { $0 / powers.reduce(0, +) }
                    for (t, weight) in weights.enumerated() {
                        expectedMean[(item * time + u) * time + t] += weight / Double(heads)
                    }
                    expected += (0..<width).map { j in
                        weights.enumerated().reduce(0.0) { $0 + $1.element * number($1.offset, 2, j) }
                    }
                }
            }
        }
        #expect(difference(output.value.values.map(Double.init), expected) < 1e-5)
        #expect(difference((mean?.values ?? []).map(Double.init), expectedMean) < 1e-5)
        for (a, b) in zip(mean?.values ?? [], expectedMean) where b == 0 { #expect(a == 0) }
    }

    /// More steps than the cache first has room for; hypotheses change places, one goes on twice, one ends.
    @Test func oneStepAtATimeIsTheSameAsAllAtOnce() {
        var random = RandomStream(key: 22)
        let (steps, width, heads) = (37, 24, 3)
        let projected = random.tensor([2, steps, 3 * width])
        let x = constant(projected)
        let whole = tape.multiHeadAttention(
            queries: x.part(0, of: 3), keys: x.part(1, of: 3), values: x.part(2, of: 3), heads: heads,
            lengths: [steps, steps], isCausal: true
        ).output.value
        var cache = KeyValueCache()
        var items = [0, 1]
        for step in 0..<steps {
            let result = tape.selfAttentionStep(
                rows(items.map { projected[$0][step] }), cache: &cache, heads: heads)
            #expect(difference(result, rows(items.map { whole[$0][step] })) < 1e-5, "step \(step)")
            let parents = [0: [1, 0, 0], 1: [0, 1, 2], 5: [2, 0], 20: [1]][step] ?? Array(items.indices)
            cache = cache.rows(parents, on: tape)
            items = parents.map { items[$0] }
        }
        #expect(cache.count == steps)
    }

    /// Two ways on from one cache.
    @Test func whatIsAppendedToACopyDoesNotShowInTheOther() {
        var random = RandomStream(key: 23)
        let steps = (0..<3).map { _ in random.tensor([1, 6]) }
        var (first, second) = (KeyValueCache(), KeyValueCache())
        _ = tape.selfAttentionStep(steps[0], cache: &first, heads: 1)
        second = first
        _ = tape.selfAttentionStep(steps[1], cache: &first, heads: 1)
        _ = tape.selfAttentionStep(steps[2], cache: &second, heads: 1)
        var alone = KeyValueCache()
        for step in steps.prefix(2) { _ = tape.selfAttentionStep(step, cache: &alone, heads: 1) }
        #expect(
            tape.selfAttentionStep(steps[0], cache: &first, heads: 1).values
                == tape.selfAttentionStep(steps[0], cache: &alone, heads: 1).values)
    }

    /// Hypotheses in another order than the memory, two of them on one item, one of nothing.
    @Test func stepsOverAMemoryAreTheSameAsAllAtOnce() {
        var random = RandomStream(key: 24)
        let (time, width, heads) = (19, 20, 2)
        let lengths = [19, 0, 6, 1]
        let (queries, packed) = (random.tensor([4, 2, width]), random.tensor([4, time, 2 * width]))
        let memory = constant(packed)
        let whole = tape.multiHeadAttention(
            queries: Columns(constant(queries)), keys: memory.part(0, of: 2), values: memory.part(1, of: 2),
            heads: heads, lengths: lengths, keepsWeights: true)
        let owners = [2, 0, 0, 1, 3]
        for step in 0..<2 {
            let result = tape.crossAttentionStep(
                rows(owners.map { queries[$0][step] }), memory: packed, owners: owners, lengths: lengths, heads: heads,
                keepsWeights: true)
            #expect(difference(result.output, rows(owners.map { whole.output.value[$0][step] })) < 1e-5)
            #expect(difference(result.weights, rows(owners.compactMap { whole.weights?[$0][step] })) < 1e-5)
        }
    }

    @Test func severalWorkersGiveTheSameBitsAsOne() {
        var random = RandomStream(key: 25)
        let leaves = ["x": random.tensor([1, 21, 3 * 12])]
        let operation = Operation(name: "attention", leaves: leaves) {
            [
                "y": $0.multiHeadAttention(
                    queries: $1.x.part(0, of: 3), keys: $1.x.part(1, of: 3), values: $1.x.part(2, of: 3), heads: 3,
                    lengths: [20], isCausal: true
                ).output
            ]
        }
        let upstream = ["y": random.tensor([1, 21, 12])]
        let (one, two) = (
            operation.gradients(upstream: upstream), operation.gradients(upstream: upstream, workers: Workers(count: 2))
        )
        #expect(one.outputs["y"]?.values == two.outputs["y"]?.values)
        #expect(one.gradients["x"]?.values == two.gradients["x"]?.values)
    }
}
