import CKernels
import StenoTensor
import Testing

/// Products of factors rounded to bfloat16, where the processor has them.
@Suite struct PrecisionTests {
    static let isAvailable = Precision.bfloat16.isAvailable

    /// A product of one's own choosing, its operands inside larger blocks if `gap` is above 0.
    private struct Case {
        let rows: Int, columns: Int, inner: Int
        var transposes = (a: false, b: false)
        var beta: Float = 0
        var gap = 0

        private func matrix(_ rows: Int, _ columns: Int, transposed: Bool, _ random: inout RandomStream) -> Matrix {
            let (storedRows, storedColumns) = transposed ? (columns, rows) : (rows, columns)
            let stride = storedColumns + gap
            let pointer = UnsafeMutablePointer<Float>.allocate(capacity: max(1, storedRows * stride))
            for index in 0..<storedRows * stride { pointer[index] = random.normal() }
            let stored = Matrix(pointer, rows: storedRows, columns: storedColumns, stride: stride)
            return transposed ? stored.transposed : stored
        }

        /// The largest errors relative to what is allowed, without and with the right factor prepared; infinite if
        /// anything beside the result was written.
        func errors() -> [Double] {
            var random = RandomStream(key: 5)
            let a = matrix(rows, inner, transposed: transposes.a, &random)
            let b = matrix(inner, columns, transposed: transposes.b, &random)
            let before = matrix(rows, columns, transposed: false, &random)
            let result = matrix(rows, columns, transposed: false, &random)
            defer { for matrix in [a, b, before, result] { matrix.pointer.deallocate() } }
            let tape = Tape(Weights(zeros: Layout()), precision: .bfloat16)
            return [false, true].map { prepared in
                result.pointer.update(from: before.pointer, count: rows * result.stride)
                if prepared {
                    tape.product(a, tape.product.factor(b), beta: beta, into: result)
                } else {
                    tape.product(a, b, beta: beta, into: result)
                }
                return error(a, b, before, result)
            }
        }

        private func error(_ a: Matrix, _ b: Matrix, _ before: Matrix, _ result: Matrix) -> Double {
            var worst = 0.0
            for i in 0..<rows {
                for j in 0..<columns {
                    let start = beta == 0 ? 0 : Double(beta) * before[i, j]
                    var (sum, rounded, magnitude) = (start, start, abs(start) + 1e-30)
                    for p in 0..<inner {
                        let (x, y) = (a[i, p], b[p, j])
                        (sum, rounded) = (sum + x * y, rounded + x.bfloat16 * y.bfloat16)
                        magnitude += abs(x * y)
                    }
                    // Each factor is wrong by 2^-8 of itself at most, and each of the additions by 2^-24.
                    if result[i, j].isNaN { return .infinity }
                    let additions = Double(inner + 2) * 0x1p-24
                    worst = max(worst, abs(result[i, j] - sum) / magnitude / (0x1p-7 + 0x1p-16 + additions))
                    worst = max(worst, abs(result[i, j] - rounded) / magnitude / (1.01 * additions))
                }
                for j in columns..<result.stride
                where result.pointer[i * result.stride + j] != before.pointer[i * result.stride + j] {
                    return .infinity
                }
            }
            return worst
        }
    }

    /// Sizes around those of registers, tiles and pieces; every way round.
    @Test(
        .enabled(if: isAvailable),
        arguments: [
            (1, 1, 1), (5, 16, 2), (6, 64, 3), (7, 65, 32), (13, 30, 33), (16, 96, 481), (97, 70, 17), (96, 17, 480),
            (100, 131, 963),
        ])
    func productsAreExactUpToRounding(_ rows: Int, _ columns: Int, _ inner: Int) {
        for (a, b) in [(false, false), (false, true), (true, false), (true, true)] {
            for (beta, gap) in [(Float(0), 0), (1, 0), (0.5, 3), (0, 5)] {
                var product = Case(rows: rows, columns: columns, inner: inner)
                (product.transposes, product.beta, product.gap) = ((a, b), beta, gap)
                for error in product.errors() {
                    #expect(error <= 1, "\(rows)x\(inner)x\(columns), transposes \(a) \(b), beta \(beta), gap \(gap)")
                }
            }
        }
    }

    /// Numbers of eight bits stay as they are, those between go to the nearer, ties to the even one.
    @Test(.enabled(if: isAvailable)) func factorsAreRoundedToNearestEven() {
        let tape = Tape(Weights(zeros: Layout()), precision: .bfloat16)
        let given: [Float] = [1, 257, 258, 259, 515, -257, 0.1, .infinity, .nan]
        let rounded: [Float] = [1, 256, 258, 260, 516, -256, 0.100097656, .infinity, .nan]
        let (a, one, c) = (Tensor(given, shape: [9, 1]), Tensor([1], shape: [1, 1]), Tensor(zeros: [9, 1]))
        tape.product(Matrix(a), Matrix(one), into: Matrix(c))
        #expect(c.values.prefix(8) == rounded.prefix(8))
        #expect(c.values[8].isNaN)
    }

    /// A row gives the same bits alone and among others, and so does a prepared factor.
    @Test(.enabled(if: isAvailable)) func otherRowsChangeNothing() {
        let tape = Tape(Weights(zeros: Layout()), precision: .bfloat16)
        var random = RandomStream(key: 6)
        let (a, b) = (random.tensor([103, 500]), random.tensor([500, 70]))
        let (all, one) = (Tensor(zeros: [103, 70]), Tensor(zeros: [1, 70]))
        tape.product(Matrix(a), Matrix(b), into: Matrix(all))
        let factor = tape.product.factor(Matrix(b))
        for row in [0, 5, 95, 96, 102] {
            tape.product(Matrix(a[row].reshaped([1, 500])), factor, into: Matrix(one))
            #expect(one.values == all[row].values)
        }
    }

    @Test(.enabled(if: isAvailable)) func nothingTimesNothing() {
        let tape = Tape(Weights(zeros: Layout()), precision: .bfloat16)
        let (empty, c) = (Tensor(zeros: [0]), Tensor([1, 2], shape: [1, 2]))
        tape.product(
            Matrix(empty.pointer, rows: 1, columns: 0), Matrix(empty.pointer, rows: 0, columns: 2), beta: 2,
            into: Matrix(c))
        #expect(c.values == [2, 4])
        tape.product(
            Matrix(empty.pointer, rows: 0, columns: 2), Matrix(c).transposed,
            into: Matrix(empty.pointer, rows: 0, columns: 1))
    }

    /// Every operation with products in bfloat16 gives what PyTorch gives in single precision, nearly.
    @Test(.enabled(if: isAvailable), arguments: try Goldens.load().cases)
    func operationsAndGradientsAreNear(_ golden: GoldenCase) throws {
        var operation = try golden.operation()
        operation.precision = .bfloat16
        let (outputs, gradients) = operation.gradients(upstream: golden.outputGradients.mapValues(\.tensor))
        for (name, expected) in golden.outputs {
            #expect(difference(outputs[name], expected.tensor) < 0.03, "\(golden.name): \(name)")
        }
        for (name, expected) in golden.gradients {
            #expect(difference(gradients[name], expected.tensor) < 0.03, "\(golden.name): gradient of \(name)")
        }
    }

    private static let caps = [STENO_ISA_GENERIC, STENO_ISA_AVX2]
        .filter { $0.rawValue <= steno_isa_best().rawValue }.map(\.rawValue)

    @Test(arguments: caps)
    func aCapForbidsIt(_ set: UInt32) async {
        await #expect(processExitsWith: .success) { [set] in
            #expect(steno_isa_select(steno_isa_t(rawValue: set)) == 0)
            #expect(!Precision.bfloat16.isAvailable)
            #expect(Precision.float32.isAvailable)
        }
        await #expect(processExitsWith: .failure) { [set] in
            _ = steno_isa_select(steno_isa_t(rawValue: set))
            _ = Tape(Weights(zeros: Layout()), precision: .bfloat16)
        }
    }
}

extension Matrix {
    fileprivate subscript(row: Int, column: Int) -> Double {
        Double(isTransposed ? pointer[column * stride + row] : pointer[row * stride + column])
    }
}

extension Double {
    /// Of single precision, rounded to the nearest number of eight bits, ties to even.
    fileprivate var bfloat16: Double {
        let bits = Float(self).bitPattern
        return Double(Float(bitPattern: (bits + 0x7fff + (bits >> 16) & 1) & 0xffff_0000))
    }
}
