import StenoTensor
import Testing

@Suite struct CTCTests {
    private static let symbols = 3

    /// Every sequence of `length` symbols from `first` on.
    private static func sequences(_ length: Int, from first: Int32 = 0) -> [[Int32]] {
        (0..<length).reduce([[]]) { sequences, _ in
            sequences.flatMap { sequence in (first..<Int32(symbols)).map { sequence + [$0] } }
        }
    }

    /// What an alignment spells: repeats merged, blanks (0) left out.
    private static func spelled(_ path: [Int32]) -> [Int32] {
        path.indices.filter { $0 == 0 || path[$0] != path[$0 - 1] }.map { path[$0] }.filter { $0 != 0 }
    }

    @Test(arguments: 1...5)
    func lossAndGradientAreSumsOverAllAlignments(_ time: Int) {
        var random = RandomStream(key: UInt64(time))
        let logits = random.tensor([1, time, Self.symbols], scale: 2)
        let probabilities = (0..<time).map { t in
            let powers = logits[0][t].values.map { Double($0) }.map { exponential($0) }
            return powers.map { $0 / powers.reduce(0, +) }
        }
        for labels in (0...3).flatMap({ Self.sequences($0, from: 1) }) {
            // The posterior of symbol s at t is the probability of the paths through it.
            var total = 0.0
            var through = [Double](repeating: 0, count: time * Self.symbols)
            for path in Self.sequences(time) where Self.spelled(path) == labels {
                let probability = path.enumerated().reduce(1) { $0 * probabilities[$1.offset][Int($1.element)] }
                total += probability
                for (t, symbol) in path.enumerated() { through[t * Self.symbols + Int(symbol)] += probability }
            }
            let (loss, gradient) = lossAndGradient(logits, lengths: [time], labels: [labels])
            if total == 0 {
                #expect(loss == .infinity && gradient.allSatisfy { $0 == 0 }, "\(labels) in \(time) frames")
            } else {
                let expected = zip(probabilities.joined(), through).map { $0 - $1 / total }
                #expect(abs(exponential(-loss) - total) < 1e-6, "\(labels) in \(time) frames")
                #expect(difference(gradient.map(Double.init), expected) < 1e-5, "\(labels) in \(time) frames")
            }
        }
    }

    @Test func anImpossibleUtteranceLeavesTheOthersAlone() {
        var random = RandomStream(key: 9)
        let logits = random.tensor([2, 4, Self.symbols])
        let tape = Tape(Weights(zeros: Layout()))
        let (both, losses) = tape.ctcLoss(
            Variable(constant: logits), lengths: [2, 4], labels: [[1, 1], [2]], blank: 0, weights: [1, 1])
        #expect(losses[0] == .infinity)
        #expect(abs(Double(both.value.scalar) - losses[1]) < 1e-6)
    }

    @Test func noFramesAndLabelsHaveNoAlignment() {
        let logits = Tensor(zeros: [1, 2, Self.symbols])
        let (loss, gradient) = lossAndGradient(logits, lengths: [0], labels: [[1]])
        #expect(loss == .infinity && gradient.allSatisfy { $0 == 0 })
    }

    /// A minute of frames: nothing may underflow, and every frame's gradient adds to 0.
    @Test func longUtterancesLoseNoDigits() {
        var random = RandomStream(key: 10)
        let (time, symbols) = (6000, 30)
        let logits = random.tensor([1, time, symbols], scale: 3)
        let labels = (0..<900).map { _ in Int32(1 + random.next() % UInt64(symbols - 1)) }
        let (loss, gradient) = lossAndGradient(logits, lengths: [time], labels: [labels])
        #expect(loss.isFinite && loss > 1000)
        for t in 0..<time {
            #expect(abs(gradient[t * symbols..<(t + 1) * symbols].reduce(0, +)) < 2e-5)
        }
    }

    @Test func notANumberShowsInTheLoss() {
        let logits = Tensor([0, .nan, 0, 0, 0, 0], shape: [1, 2, Self.symbols])
        #expect(lossAndGradient(logits, lengths: [2], labels: [[1]]).loss.isNaN)
    }

    private func lossAndGradient(
        _ logits: Tensor, lengths: [Int], labels: [[Int32]]
    ) -> (loss: Double, gradient: [Float]) {
        let tape = Tape(Weights(zeros: Layout()), gradients: Weights(zeros: Layout()))
        let input = tape.input(logits)
        let (loss, losses) = tape.ctcLoss(
            input, lengths: lengths, labels: labels, blank: 0, weights: labels.map { _ in 1 })
        tape.backward(from: loss)
        return (losses[0], tape.gradient(of: input)?.values ?? [])
    }
}
