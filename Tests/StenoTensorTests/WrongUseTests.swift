import StenoTensor
import Testing

/// What only a programming error can ask for stops the program, before memory is touched that it should not touch.
@Suite struct WrongUseTests {
    @Test func tokensOutsideTheTable() async {
        await #expect(processExitsWith: .failure) {
            let tape = Tape(Weights(zeros: Layout()))
            _ = tape.embedding([3], batch: 1, table: Variable(constant: Tensor(zeros: [3, 2])))
        }
    }

    @Test func lengthsBeyondTheBatch() async {
        await #expect(processExitsWith: .failure) {
            let x = Variable(constant: Tensor(zeros: [1, 3, 2]))
            _ = AttentionMemory(keys: x, values: x, lengths: [4])
        }
    }

    @Test func labelsThatAreNoSymbols() async {
        await #expect(processExitsWith: .failure) {
            let tape = Tape(Weights(zeros: Layout()))
            let logits = Variable(constant: Tensor(zeros: [1, 3, 2]))
            _ = tape.ctcLoss(logits, lengths: [3], labels: [[2]], blank: 0, weights: [1])
        }
    }

    @Test func shapesThatDoNotFit() async {
        await #expect(processExitsWith: .failure) {
            let tape = Tape(Weights(zeros: Layout()))
            func zeros(_ shape: Shape) -> Variable { Variable(constant: Tensor(zeros: shape)) }
            _ = tape.linear(zeros([2, 3]), weight: zeros([4, 5]))
        }
    }
}
