import CKernels

/// The weights of one direction of a recurrent layer, on a tape.
package struct RecurrentDirection {
    /// `[in, gates * units]`; a GRU's gates are in the order reset, update, new, an LSTM's input, forget, cell, output.
    package let inputWeight: Variable
    /// `[units, gates * units]`.
    package let recurrentWeight: Variable
    /// `[gates * units]` each.
    package let inputBias: Variable, recurrentBias: Variable
    /// From the last valid step of each sequence to its first.
    package let isReversed: Bool

    package init(
        inputWeight: Variable, recurrentWeight: Variable, inputBias: Variable, recurrentBias: Variable, isReversed: Bool
    ) {
        self.inputWeight = inputWeight
        self.recurrentWeight = recurrentWeight
        self.inputBias = inputBias
        self.recurrentBias = recurrentBias
        self.isReversed = isReversed
    }

    var units: Int { recurrentWeight.shape[0] }
    var parents: [Variable] { [inputWeight, recurrentWeight, inputBias, recurrentBias] }
}

/// One time step of a batch, as the step kernels take it.
struct TimeStep {
    let batch: Int64, units: Int64, t: Int64
    /// Valid steps of each sequence: row i does nothing from step `lengths[i]` on.
    let lengths: [Int32]
}

/// The rows of one time step inside a `[batch, time, columns]` tensor: where the first is and how far the next.
struct StepRows {
    let pointer: UnsafeMutablePointer<Float>
    let stride: Int64
}

extension Tensor {
    /// Step `t` of `[batch, time, columns]` from a column on; `[columns]` is one row for all (nothing is kept).
    func step(_ t: Int, column: Int = 0) -> StepRows {
        guard shape.rank > 1 else { return StepRows(pointer: pointer, stride: 0) }
        return StepRows(pointer: pointer + t * shape.columns + column, stride: Int64(shape[1] * shape.columns))
    }
}

/// What one kind of recurrent layer does between its two products in a time step, and on the way back.
protocol RecurrentCell {
    static var gateCount: Int { get }
    /// How many states it carries from step to step; the first is the output.
    static var stateCount: Int { get }

    /// Room for what the way back needs, if `keeping`.
    init(on tape: Tape, batch: Int, time: Int, units: Int, keeping: Bool)

    /// Finishes a step: `gates` (W x + b) become activated, `states` (`[batch, units]` each) the next ones.
    /// `recurrent`: `[batch, gates * units]`, U h.
    func step(
        _ step: TimeStep, gates: StepRows, recurrent: Tensor, bias: Tensor, states: [Tensor], output: StepRows)

    /// The states after each step, `[batch, time, units]`, of all states but the first.
    var keptStates: [Tensor] { get }

    /// Turns activated gates into their gradients and `dStates` into the part of the previous states' gradients that
    /// does not pass through U. `previous`: the states before the step.
    ///
    /// - Returns: the gradient of U h for the first `active` rows, in `recurrent` or where it stands.
    func stepBackward(
        _ step: TimeStep, active: Int, gates: StepRows, recurrent: Tensor, previous: [StepRows], dOutput: StepRows,
        dStates: [Tensor]
    ) -> Matrix

    /// Adds the gradients of U and its bias over all steps at once, after the way back.
    ///
    /// - Parameters:
    ///   - previous: `[batch, time, units]`, the outputs before each step.
    ///   - gates: `[batch, time, gates * units]`, the gradients of W x + b.
    func addRecurrentGradients(on tape: Tape, previous: Tensor, gates: Tensor, weight: Variable, bias: Variable)
}

/// The kinds of recurrent layer; see `Tape.gru` and `Tape.lstm`.
package enum RecurrentKind: String, Codable, CaseIterable, Sendable {
    case gru, lstm

    fileprivate var cell: any RecurrentCell.Type {
        switch self {
        case .gru: GRUCell.self
        case .lstm: LSTMCell.self
        }
    }

    package var gateCount: Int { cell.gateCount }
    package var stateCount: Int { cell.stateCount }
}

extension Tape {
    /// A recurrent layer over all time steps, in one or two directions; see `gru` and `lstm`.
    ///
    /// - Parameter initial: one `[directions, batch, units]` a state, or none for zeros.
    /// - Returns: outputs `[batch, time, directions * units]`, 0 beyond each length, and of each state the last one of
    ///   each direction, `[directions, batch, units]`.
    package func recurrent(
        _ kind: RecurrentKind, _ x: Variable, lengths: [Int], directions: [RecurrentDirection],
        initial: [Variable] = []
    ) -> (outputs: Variable, last: [Variable]) {
        switch kind {
        case .gru: recurrent(GRUCell.self, x, lengths: lengths, directions: directions, initial: initial)
        case .lstm: recurrent(LSTMCell.self, x, lengths: lengths, directions: directions, initial: initial)
        }
    }

    /// One step of one direction for search.
    ///
    /// - Parameters:
    ///   - gates: `[rows, gates * units]`, what is read times its weights, biases included; overwritten.
    ///   - states: `[rows, units]` for each state.
    ///   - weight: `[units, gates * units]`, and its bias: of the state.
    /// - Returns: the next states.
    package func recurrentStep(
        _ kind: RecurrentKind, gates: Tensor, states: [Tensor], weight: Tensor, bias: Tensor
    ) -> [Tensor] {
        let (rows, units) = (states[0].shape[0], states[0].shape[1])
        precondition(gates.shape.columns == weight.shape.columns, "gates \(gates.shape) for weights \(weight.shape)")
        let (recurrent, output, next) = (tensor(gates.shape), tensor(states[0].shape), states.map(copy))
        product(Matrix(states[0]), Matrix(weight), into: Matrix(recurrent))
        let step = TimeStep(
            batch: Int64(rows), units: Int64(units), t: 0, lengths: [Int32](repeating: 1, count: rows))
        kind.cell.init(on: self, batch: rows, time: 1, units: units, keeping: false).step(
            step, gates: StepRows(pointer: gates.pointer, stride: Int64(gates.shape.columns)), recurrent: recurrent,
            bias: bias, states: next, output: StepRows(pointer: output.pointer, stride: Int64(units)))
        return next
    }

    /// A recurrent layer over all time steps, in one or two directions; see `gru` and `lstm`.
    ///
    /// - Parameter initial: one `[directions, batch, units]` a state, or none for zeros.
    func recurrent<Cell: RecurrentCell>(
        _: Cell.Type, _ x: Variable, lengths: [Int], directions: [RecurrentDirection], initial: [Variable]
    ) -> (outputs: Variable, last: [Variable]) {
        let (batch, time, units) = (x.shape[0], x.shape[1], directions[0].units)
        precondition(lengths.count == batch, "\(lengths.count) lengths for \(x.shape)")
        let rows = ActiveRows(lengths: lengths, time: time)
        let output = tensor([batch, time, directions.count * units])
        let last = (0..<Cell.stateCount).map { state in
            initial.isEmpty ? zeros([directions.count, batch, units]) : copy(initial[state].value)
        }
        let passes = directions.enumerated().map { index, direction in
            RecurrentPass<Cell>(direction, on: self, rows: rows, batch: batch, time: time, column: index * units)
        }
        parallel(passes.count) { index in
            passes[index].forward(x.value, states: last.map { $0[index] }, output: output)
        }

        let parents = [x] + directions.flatMap(\.parents) + initial
        let results = record([output] + last, from: parents) { [unowned self] gradients in
            let dLast = Array(gradients.dropFirst())
            let dx = x.needsGradient ? tensor(x.shape) : nil
            for (index, pass) in passes.enumerated() {
                pass.backward(
                    on: self, x.value, output: output, initial: initial.map { $0.value[index] }, dOutput: gradients[0],
                    dStates: dLast.map { $0[index] }, dx: dx, isFirst: index == 0)
            }
            if let dx { accumulate(dx, into: x) }
            for (variable, gradient) in zip(initial, dLast) { accumulate(gradient, into: variable) }
        }
        return (results[0], Array(results.dropFirst()))
    }

    /// The state before each step, `[batch, time, units]`: that after the step before it, which stands in `states`
    /// (`[batch, time, columns]`, from `column` on), or `initial` (`[batch, units]`, zeros if none). Zeros beyond each
    /// length.
    func previousStates(
        _ states: Tensor, column: Int = 0, units: Int, lengths: [Int32], isReversed: Bool = false, initial: Tensor?
    ) -> Tensor {
        let (batch, time, columns) = (states.shape[0], states.shape[1], states.shape.columns)
        let previous = tensor([batch, time, units])
        for item in 0..<batch {
            let length = Int(lengths[item])
            for t in 0..<time {
                let target = previous.pointer + (item * time + t) * units
                let source = isReversed ? t + 1 : t - 1
                if t < length, source >= 0, source < length {
                    target.update(from: states.pointer + (item * time + source) * columns + column, count: units)
                } else if t < length, let initial {
                    target.update(from: initial.pointer + item * units, count: units)
                } else {
                    target.update(repeating: 0, count: units)
                }
            }
        }
        return previous
    }

    /// Runs a few independent pieces of one operation, on several cores if the tape was given workers.
    package func parallel(_ count: Int, _ body: @escaping (Int) -> Void) {
        guard let workers, count > 1 else {
            for index in 0..<count { body(index) }
            return
        }
        struct Body: @unchecked Sendable { let run: (Int) -> Void }  // pieces write disjoint tensors
        let shared = Body(run: body)
        workers.run(jobs: count) { shared.run($0) }
    }
}

/// How many leading rows of a batch hold every sequence that is still running at each step.
struct ActiveRows {
    let lengths: [Int32]
    let counts: [Int]

    init(lengths: [Int], time: Int) {
        precondition(lengths.allSatisfy { $0 >= 0 && $0 <= time }, "lengths \(lengths) of \(time) steps")
        self.lengths = lengths.map(Int32.init)
        var counts = [Int](repeating: 0, count: time)
        for (row, length) in lengths.enumerated() { for t in 0..<length { counts[t] = row + 1 } }
        self.counts = counts
    }
}

/// One direction's way through the steps, with what it saves for the way back.
private struct RecurrentPass<Cell: RecurrentCell> {
    let direction: RecurrentDirection
    let product: Products
    let cell: Cell
    let rows: ActiveRows
    /// Where this direction's units begin in the output's columns.
    let column: Int
    /// `[batch, time, gates * units]`: W x + b, then the activated gates, then their gradients.
    let gates: Tensor
    /// `[batch, gates * units]`: U h of the step.
    let recurrent: Tensor

    var units: Int { direction.units }
    var batch: Int { gates.shape[0] }
    var time: Int { gates.shape[1] }

    init(_ direction: RecurrentDirection, on tape: Tape, rows: ActiveRows, batch: Int, time: Int, column: Int) {
        let units = direction.units
        self.direction = direction
        product = tape.product
        self.rows = rows
        self.column = column
        cell = Cell(on: tape, batch: batch, time: time, units: units, keeping: tape.isRecording)
        gates = tape.tensor([batch, time, Cell.gateCount * units])
        recurrent = tape.tensor([batch, Cell.gateCount * units])
    }

    private func steps(backward: Bool) -> [Int] {
        direction.isReversed != backward ? (0..<time).reversed() : Array(0..<time)
    }

    private func timeStep(_ t: Int) -> TimeStep {
        TimeStep(batch: Int64(batch), units: Int64(units), t: Int64(t), lengths: rows.lengths)
    }

    private func active(_ tensor: Tensor, _ t: Int) -> Matrix {
        Matrix(tensor.pointer, rows: rows.counts[t], columns: tensor.shape.columns)
    }

    func forward(_ x: Tensor, states: [Tensor], output: Tensor) {
        product(Matrix(x), Matrix(direction.inputWeight.value), into: Matrix(gates))
        steno_add_bias(
            Int64(gates.shape.rows), Int64(gates.shape.columns), direction.inputBias.value.pointer, gates.pointer)
        let recurrentWeight = product.factor(Matrix(direction.recurrentWeight.value))
        for t in steps(backward: false) {
            product(active(states[0], t), recurrentWeight, into: active(recurrent, t))
            cell.step(
                timeStep(t), gates: gates.step(t), recurrent: recurrent, bias: direction.recurrentBias.value,
                states: states, output: output.step(t, column: column))
        }
    }

    /// `initial`, `dStates`: `[batch, units]` a state; `dx` is overwritten by the first direction.
    func backward(
        on tape: Tape, _ x: Tensor, output: Tensor, initial: [Tensor], dOutput: Tensor, dStates: [Tensor], dx: Tensor?,
        isFirst: Bool
    ) {
        let histories = [(output, column)] + cell.keptStates.map { ($0, 0) }
        let previous = histories.enumerated().map { state, history in
            tape.previousStates(
                history.0, column: history.1, units: units, lengths: rows.lengths, isReversed: direction.isReversed,
                initial: initial.isEmpty ? nil : initial[state])
        }
        let transposed = product.factor(Matrix(direction.recurrentWeight.value).transposed)
        for t in steps(backward: true) {
            let dRecurrent = cell.stepBackward(
                timeStep(t), active: rows.counts[t], gates: gates.step(t), recurrent: recurrent,
                previous: previous.map { $0.step(t) }, dOutput: dOutput.step(t, column: column), dStates: dStates)
            product(dRecurrent, transposed, beta: 1, into: active(dStates[0], t))
        }
        cell.addRecurrentGradients(
            on: tape, previous: previous[0], gates: gates, weight: direction.recurrentWeight,
            bias: direction.recurrentBias)
        if let dw = tape.gradientSum(direction.inputWeight) {
            product(Matrix(x).transposed, Matrix(gates), beta: 1, into: Matrix(dw))
        }
        if let db = tape.gradientSum(direction.inputBias) { addColumnSums(of: Matrix(gates), to: db.pointer) }
        if let dx {
            product(
                Matrix(gates), Matrix(direction.inputWeight.value).transposed, beta: isFirst ? 0 : 1,
                into: Matrix(dx))
        }
    }
}
