import StenoTensor
import Testing

/// A recurrent layer one step at a time, its states carried by the caller, as search runs it.
@Suite struct RecurrentTests {
    private let steps = 9
    private let width = 5
    private let units = 7
    private let tape = Tape(Weights(zeros: Layout()))

    private func leaves(gates: Int) -> Leaves {
        var random = RandomStream(key: 41)
        let shapes: [String: Shape] = [
            "x": [3, steps, width], "hidden": [1, 3, units], "cell": [1, 3, units],
            "forward.inputWeight": [width, gates * units], "forward.recurrentWeight": [units, gates * units],
            "forward.inputBias": [gates * units], "forward.recurrentBias": [gates * units],
        ]
        return Leaves(
            values: Dictionary(
                uniqueKeysWithValues: shapes.sorted { $0.key < $1.key }.map {
                    ($0.key, Variable(constant: random.tensor($0.value, scale: 0.7)))
                }))
    }

    private func step(_ t: Int, of x: Tensor) -> Variable {
        let rows = (0..<x.shape[0]).flatMap { x[$0][t].values }
        return Variable(constant: Tensor(rows, shape: [x.shape[0], 1, x.shape[2]]))
    }

    @Test func stepsOfAGRUAreTheSameAsAllAtOnce() {
        let leaves = leaves(gates: 3)
        let whole = tape.gru(
            leaves.x, lengths: [steps, steps, steps], directions: leaves.directions, initial: leaves.hidden)
        var state = leaves.hidden
        for t in 0..<steps {
            let (outputs, last) = tape.gru(
                step(t, of: leaves.x.value), lengths: [1, 1, 1], directions: leaves.directions, initial: state)
            state = last
            #expect(difference(outputs.value, step(t, of: whole.outputs.value).value) < 1e-5)
        }
        #expect(difference(state.value, whole.last.value) < 1e-5)
    }

    @Test func stepsOfAnLSTMAreTheSameAsAllAtOnce() {
        let leaves = leaves(gates: 4)
        let whole = tape.lstm(
            leaves.x, lengths: [steps, steps, steps], directions: leaves.directions,
            initial: (leaves.hidden, leaves.cell))
        var state = (hidden: leaves.hidden, cell: leaves.cell)
        for t in 0..<steps {
            let result = tape.lstm(
                step(t, of: leaves.x.value), lengths: [1, 1, 1], directions: leaves.directions, initial: state)
            state = (result.lastHidden, result.lastCell)
            #expect(difference(result.outputs.value, step(t, of: whole.outputs.value).value) < 1e-5)
        }
        #expect(difference(state.hidden.value, whole.lastHidden.value) < 1e-5)
        #expect(difference(state.cell.value, whole.lastCell.value) < 1e-5)
    }
}
