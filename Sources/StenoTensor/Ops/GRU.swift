import CKernels

extension Tape {
    /// A GRU layer over all time steps, in one or two directions.
    ///
    ///     r = σ(Wr x + Ur h)   z = σ(Wz x + Uz h)   n = tanh(Wn x + r ⊙ (Un h))   h' = (1 - z) ⊙ n + z ⊙ h
    ///
    /// (biases on both products). Cho et al. 2014; the reset gate after the product is the variant of cuDNN and
    /// PyTorch. Sequences of different lengths give exactly what each gives alone.
    ///
    /// - Parameters:
    ///   - x: `[batch, time, in]`.
    ///   - lengths: valid steps of each sequence.
    ///   - initial: `[directions, batch, units]`, zeros if none.
    /// - Returns: outputs `[batch, time, directions * units]`, 0 beyond each length, and each direction's last state
    ///   `[directions, batch, units]`.
    package func gru(
        _ x: Variable, lengths: [Int], directions: [RecurrentDirection], initial: Variable? = nil
    ) -> (outputs: Variable, last: Variable) {
        let (outputs, last) = recurrent(
            GRUCell.self, x, lengths: lengths, directions: directions, initial: initial.map { [$0] } ?? [])
        return (outputs, last[0])
    }
}

struct GRUCell: RecurrentCell {
    static let gateCount = 3
    static let stateCount = 1
    /// `[batch, time, units]`: U_n h + c, then its gradient; one row when nothing is to be kept.
    let candidates: Tensor
    var keptStates: [Tensor] { [] }

    init(on tape: Tape, batch: Int, time: Int, units: Int, keeping: Bool) {
        candidates = tape.tensor(keeping ? [batch, time, units] : [units])
    }

    func step(
        _ step: TimeStep, gates: StepRows, recurrent: Tensor, bias: Tensor, states: [Tensor], output: StepRows
    ) {
        let candidate = candidates.step(Int(step.t))
        steno_gru_step(
            step.batch, step.units, step.t, step.lengths, gates.pointer, gates.stride, recurrent.pointer, bias.pointer,
            states[0].pointer, candidate.pointer, candidate.stride, output.pointer, output.stride)
    }

    func stepBackward(
        _ step: TimeStep, active: Int, gates: StepRows, recurrent: Tensor, previous: [StepRows], dOutput: StepRows,
        dStates: [Tensor]
    ) -> Matrix {
        let candidate = candidates.step(Int(step.t))
        steno_gru_step_backward(
            step.batch, step.units, step.t, step.lengths, gates.pointer, gates.stride, candidate.pointer,
            candidate.stride, previous[0].pointer, previous[0].stride, dOutput.pointer, dOutput.stride,
            dStates[0].pointer, recurrent.pointer)
        return Matrix(recurrent.pointer, rows: active, columns: recurrent.shape.columns)
    }

    /// The reset and update gates' from the first two thirds of `gates`, the new gate's from `candidates`.
    func addRecurrentGradients(on tape: Tape, previous: Tensor, gates: Tensor, weight: Variable, bias: Variable) {
        let units = candidates.shape.columns
        let early = Matrix(gates.pointer, rows: gates.shape.rows, columns: 2 * units, stride: 3 * units)
        let late = Matrix(candidates)
        if let dw = tape.gradientSum(weight) {
            let columns = { (from: Int, count: Int) in
                Matrix(dw.pointer + from, rows: units, columns: count, stride: 3 * units)
            }
            tape.product(Matrix(previous).transposed, early, beta: 1, into: columns(0, 2 * units))
            tape.product(Matrix(previous).transposed, late, beta: 1, into: columns(2 * units, units))
        }
        if let db = tape.gradientSum(bias) {
            addColumnSums(of: early, to: db.pointer)
            addColumnSums(of: late, to: db.pointer + 2 * units)
        }
    }
}
