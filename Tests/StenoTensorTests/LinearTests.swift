import CKernels
import StenoTensor
import Testing

@Suite struct LinearTests {
    /// To the last bit, whatever is left of the columns.
    @Test(arguments: [1, 63, 64, 65, 127, 128, 129, 200], [2, 3, 8])
    func columnsSpreadOverWorkersGiveTheSameBits(columns: Int, workers: Int) {
        var random = RandomStream(key: 33)
        let (x, weight) = (random.tensor([5, 96]), random.tensor([96, columns]))
        func result(_ workers: Workers?) -> [Float] {
            Tape(Weights(zeros: Layout()), workers: workers)
                .linear(Variable(constant: x), weight: Variable(constant: weight)).value.values
        }
        #expect(result(Workers(count: workers)) == result(nil))
    }

    /// Large enough to be spread.
    @Test(arguments: [false, true])
    func severalWorkersGiveTheSameAsOne(isTransposed: Bool) {
        var random = RandomStream(key: 31)
        let x = random.tensor([5, 128])
        let weight = random.tensor(isTransposed ? [9001, 128] : [128, 9001])
        func result(_ workers: Workers?) -> Tensor {
            let tape = Tape(Weights(zeros: Layout()), workers: workers)
            let (x, weight) = (Variable(constant: x), Variable(constant: weight))
            return
                (isTransposed ? tape.linear(x, transposedWeight: weight) : tape.linear(x, weight: weight)).value
        }
        #expect(difference(result(Workers(count: 3)), result(nil)) < 1e-6)
    }

    /// Sizes around those of registers and tiles.
    @Test(arguments: [1, 5, 6, 7, 16, 17], [(1, 15), (3, 64), (4, 16), (30, 1), (30, 67)])
    func productsWithATransposedFactorAreExactUpToRounding(_ rows: Int, _ size: (columns: Int, inner: Int)) {
        let (columns, inner) = size
        var random = RandomStream(key: 32)
        let (a, b, c) = (
            random.tensor([rows, inner]), random.tensor([columns, inner]), Tensor(zeros: [rows, columns])
        )
        product(Matrix(a), Matrix(b).transposed, into: Matrix(c))
        let expected = (0..<rows * columns).map { place in
            (0..<inner).reduce(0.0) {
                $0 + Double(a.pointer[place / columns * inner + $1]) * Double(b.pointer[place % columns * inner + $1])
            }
        }
        #expect(difference(c.values.map(Double.init), expected) < 1e-5)
    }
}
