import CKernels

extension Tape {
    /// An LSTM layer over all time steps, in one or two directions.
    ///
    ///     i = σ(Wi x + Ui h)   f = σ(Wf x + Uf h)   g = tanh(Wg x + Ug h)   o = σ(Wo x + Uo h)
    ///     c' = f ⊙ c + i ⊙ g   h' = o ⊙ tanh(c')
    ///
    /// (biases on both products). Hochreiter, Schmidhuber 1997, with the forget gate of Gers, Schmidhuber, Cummins
    /// 2000. Sequences of different lengths give exactly what each gives alone.
    ///
    /// - Parameters:
    ///   - x: `[batch, time, in]`.
    ///   - lengths: valid steps of each sequence.
    ///   - initial: hidden and cell states, `[directions, batch, units]` each, zeros if none.
    /// - Returns: outputs `[batch, time, directions * units]`, 0 beyond each length, and each direction's last hidden
    ///   and cell states `[directions, batch, units]`.
    package func lstm(
        _ x: Variable, lengths: [Int], directions: [RecurrentDirection],
        initial: (hidden: Variable, cell: Variable)? = nil
    ) -> (outputs: Variable, lastHidden: Variable, lastCell: Variable) {
        let (outputs, last) = recurrent(
            LSTMCell.self, x, lengths: lengths, directions: directions,
            initial: initial.map { [$0.hidden, $0.cell] } ?? [])
        return (outputs, last[0], last[1])
    }
}

struct LSTMCell: RecurrentCell {
    static let gateCount = 4
    static let stateCount = 2
    /// `[batch, time, units]`: the cell states after each step; one row when nothing is to be kept.
    private let cells: Tensor
    var keptStates: [Tensor] { [cells] }

    init(on tape: Tape, batch: Int, time: Int, units: Int, keeping: Bool) {
        cells = tape.tensor(keeping ? [batch, time, units] : [units])
    }

    func step(
        _ step: TimeStep, gates: StepRows, recurrent: Tensor, bias: Tensor, states: [Tensor], output: StepRows
    ) {
        let kept = cells.step(Int(step.t))
        steno_lstm_step(
            step.batch, step.units, step.t, step.lengths, gates.pointer, gates.stride, recurrent.pointer, bias.pointer,
            states[0].pointer, states[1].pointer, kept.pointer, kept.stride, output.pointer, output.stride)
    }

    func stepBackward(
        _ step: TimeStep, active: Int, gates: StepRows, recurrent: Tensor, previous: [StepRows], dOutput: StepRows,
        dStates: [Tensor]
    ) -> Matrix {
        let kept = cells.step(Int(step.t))
        steno_lstm_step_backward(
            step.batch, step.units, step.t, step.lengths, gates.pointer, gates.stride, kept.pointer, kept.stride,
            previous[1].pointer, previous[1].stride, dOutput.pointer, dOutput.stride, dStates[0].pointer,
            dStates[1].pointer)
        return Matrix(gates.pointer, rows: active, columns: recurrent.shape.columns, stride: Int(gates.stride))
    }

    func addRecurrentGradients(on tape: Tape, previous: Tensor, gates: Tensor, weight: Variable, bias: Variable) {
        if let dw = tape.gradientSum(weight) {
            tape.product(Matrix(previous).transposed, Matrix(gates), beta: 1, into: Matrix(dw))
        }
        if let db = tape.gradientSum(bias) { addColumnSums(of: Matrix(gates), to: db.pointer) }
    }
}
