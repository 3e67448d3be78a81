import StenoTensor
import Testing

/// Counts of 100,000 draws: bounds are five standard deviations, and the keys are fixed.
@Suite struct RandomTests {
    private static let draws = 100_000

    @Test func uniformNumbersFillTheirRangeEvenly() {
        var random = RandomStream(key: 1)
        let values = (0..<Self.draws).map { _ in random.uniform() }
        #expect(values.allSatisfy { $0 >= 0 && $0 < 1 })
        #expect(abs(mean(values) - 0.5) < 5 * (1 / 12.0 / Double(Self.draws)).squareRoot())
        var tenths = [Int](repeating: 0, count: 10)
        for value in values { tenths[Int(value * 10)] += 1 }
        for count in tenths { #expect(abs(Double(count) - 10_000) < 5 * 9_000.0.squareRoot()) }
    }

    @Test func normalNumbersHaveMean0AndVariance1() {
        var random = RandomStream(key: 2)
        let values = (0..<Self.draws).map { _ in random.normal() }
        #expect(abs(mean(values)) < 5 / Double(Self.draws).squareRoot())
        #expect(abs(mean(values.map { $0 * $0 }) - 1) < 5 * (2 / Double(Self.draws)).squareRoot())
    }

    @Test func neighboursAndNeighbouringKeysAreUncorrelated() {
        var (a, b) = (RandomStream(key: 3), RandomStream(key: 4))
        let (x, y) = ((0..<Self.draws).map { _ in a.uniform() - 0.5 }, (0..<Self.draws).map { _ in b.uniform() - 0.5 })
        let bound = 5 / 12 / Double(Self.draws).squareRoot()
        #expect(abs(mean(zip(x, y).map { $0 * $1 })) < bound)
        #expect(abs(mean(zip(x, x.dropFirst()).map { $0 * $1 })) < bound)
    }

    @Test func theSameKeysGiveTheSameNumbers() {
        var (a, b, c) = (RandomStream(1, 2, 3), RandomStream(1, 2, 3), RandomStream(1, 3, 2))
        let (x, y, z) = ((0..<10).map { _ in a.next() }, (0..<10).map { _ in b.next() }, (0..<10).map { _ in c.next() })
        #expect(x == y)
        #expect(x != z)
    }

    @Test(arguments: [Float(0.1), 0.5, 0.9])
    func dropoutLeavesOutItsShareAndKeepsTheMean(_ rate: Float) {
        let y = dropped(key: 1, rate: rate)
        let share = Double(y.filter { $0 == 0 }.count) / Double(Self.draws)
        let deviation = Double(rate * (1 - rate) / Float(Self.draws)).squareRoot()
        #expect(abs(share - Double(rate)) < 5 * deviation)
        #expect(Set(y).subtracting([0]) == [1 / (1 - rate)])
    }

    @Test func dropoutIsTheSameForTheSameKeyOnly() {
        #expect(dropped(key: 1, rate: 0.5) == dropped(key: 1, rate: 0.5))
        // Half of all elements agree in two unrelated masks.
        let agreeing = zip(dropped(key: 1, rate: 0.5), dropped(key: 2, rate: 0.5)).filter { $0 == $1 }.count
        #expect(abs(Double(agreeing) - 50_000) < 5 * 25_000.0.squareRoot())
    }

    @Test func dropoutHasTheSameMaskOnTheWayBack() {
        let ones = Tensor([Float](repeating: 1, count: 1000), shape: [1000])
        let dropout = Operation(name: "dropout", leaves: ["x": ones], randomKey: 5) {
            ["y": $0.dropout($1.x, rate: 0.3)]
        }
        let (outputs, gradients) = dropout.gradients(upstream: ["y": ones])
        #expect(outputs["y"]?.values == gradients["x"]?.values)
    }

    @Test func twoDropoutsOfOnePassDiffer() {
        let tape = Tape(Weights(zeros: Layout()), randomKey: 1)
        let ones = Variable(constant: Tensor([Float](repeating: 1, count: 1000), shape: [1000]))
        #expect(tape.dropout(ones, rate: 0.5).value.values != tape.dropout(ones, rate: 0.5).value.values)
    }

    @Test func withoutAKeyNothingIsLeftOut() {
        let tape = Tape(Weights(zeros: Layout()))
        let ones = Variable(constant: Tensor([1, 1], shape: [2]))
        #expect(tape.dropout(ones, rate: 0.5).value.values == [1, 1])
    }

    private func dropped(key: UInt64, rate: Float) -> [Float] {
        let tape = Tape(Weights(zeros: Layout()), randomKey: key)
        let ones = Tensor([Float](repeating: 1, count: Self.draws), shape: [Self.draws])
        return tape.dropout(Variable(constant: ones), rate: rate).value.values
    }

    private func mean(_ values: [Float]) -> Double { values.reduce(0.0) { $0 + Double($1) } / Double(values.count) }
}
