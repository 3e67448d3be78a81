/// One value on a tape: a tensor, and the slot where its gradient is gathered (none when nothing flows back to it).
package struct Variable {
    package let value: Tensor
    let slot: Int?

    package var shape: Shape { value.shape }
    package var needsGradient: Bool { slot != nil }

    init(_ value: Tensor, slot: Int?) { (self.value, self.slot) = (value, slot) }

    /// A value that takes no gradient.
    package init(constant value: Tensor) { self.init(value, slot: nil) }
}

/// An append-only record of the operations of one forward pass by one worker, walked backward once.
///
/// Operations are coarse (a recurrent layer over all its time steps is one) and write their gradient by hand. A tape
/// that does not record keeps nothing: inference runs the same operations on it. Everything that an operation makes
/// comes from the tape's pool.
package final class Tape {
    package let isRecording: Bool
    package let pool: Pool
    /// Who helps with one operation; none while the tapes themselves are spread over workers.
    package let workers: Workers?
    /// `c = a b + beta c`, in the tape's precision.
    package let product: Products
    /// Dropout and the like draw nothing unless this is set: the key of this pass, from which each operation takes its own.
    package let randomKey: UInt64?

    /// Who is told how long each operation took.
    private let profile: Profile?
    fileprivate let parameters: Weights
    private let parameterGradients: Weights?
    private var gradients: [Tensor?] = []
    private var records: [(operation: StaticString, backward: () -> Void)] = []
    private var operations: UInt64 = 0

    /// A tape for one forward pass and, if `gradients` is given (same layout as `weights`), one backward pass, which adds to them.
    package init(
        _ weights: Weights, gradients: Weights? = nil, pool: Pool = Pool(), workers: Workers? = nil,
        randomKey: UInt64? = nil, precision: Precision = .float32, profile: Profile? = nil
    ) {
        self.profile = profile
        self.parameters = weights
        self.parameterGradients = gradients
        self.isRecording = gradients != nil
        self.pool = pool
        self.workers = workers
        self.product = Products(precision: precision, pool: pool)
        self.randomKey = randomKey
        profile?.start()
    }

    // MARK: Values

    /// A new tensor with unspecified contents.
    package func tensor(_ shape: Shape) -> Tensor { Tensor(shape: shape, storage: pool.storage(count: shape.count)) }

    package func zeros(_ shape: Shape) -> Tensor {
        let result = tensor(shape)
        result.clear()
        return result
    }

    package func copy(_ other: Tensor) -> Tensor {
        let result = tensor(other.shape)
        result.copyValues(from: other)
        return result
    }

    /// A parameter of the model; its gradient goes straight into the gradients given to the tape.
    package func parameter(_ parameter: Parameter) -> Variable {
        Variable(parameters[parameter], slot: isRecording ? -1 - parameter.index : nil)
    }

    /// A value that is not computed on this tape but whose gradient is wanted.
    package func input(_ value: Tensor) -> Variable { Variable(value, slot: newSlot()) }

    /// The key for the random numbers of the next operation of this pass, or nil outside training.
    package func nextRandomKey() -> UInt64? {
        operations += 1
        return randomKey.map { mixed($0, operations) }
    }

    // MARK: Recording

    /// Adds an operation with one result. `backward` takes the result's gradient, which it may overwrite and keep; it
    /// is not called when no gradient arrives.
    ///
    /// - Parameter operation: under which a profile lists it; the function that calls this one.
    func record(
        _ value: Tensor, from parents: [Variable], operation: StaticString = #function,
        backward: @escaping (_ gradient: Tensor) -> Void
    ) -> Variable {
        profile?.add("\(operation)")
        guard isRecording, parents.contains(where: \.needsGradient) else { return Variable(constant: value) }
        let slot = newSlot()
        records.append(
            (
                operation,
                { [unowned self] in
                    if let gradient = take(slot) { backward(gradient) }
                }
            ))
        return Variable(value, slot: slot)
    }

    /// The same for several results; a gradient that does not arrive is given as zeros.
    func record(
        _ values: [Tensor], from parents: [Variable], operation: StaticString = #function,
        backward: @escaping (_ gradients: [Tensor]) -> Void
    ) -> [Variable] {
        profile?.add("\(operation)")
        guard isRecording, parents.contains(where: \.needsGradient) else { return values.map(Variable.init(constant:)) }
        let slots = values.map { _ in newSlot() }
        let shapes = values.map(\.shape)
        records.append(
            (
                operation,
                { [unowned self] in
                    let gradients = slots.map(take)
                    if gradients.allSatisfy({ $0 == nil }) { return }
                    backward(zip(gradients, shapes).map { $0 ?? zeros($1) })
                }
            ))
        return zip(values, slots).map(Variable.init)
    }

    private func newSlot() -> Int? {
        guard isRecording else { return nil }
        gradients.append(nil)
        return gradients.count - 1
    }

    private func take(_ slot: Int?) -> Tensor? {
        guard let slot, slot >= 0 else { return nil }
        defer { gradients[slot] = nil }
        return gradients[slot]
    }

    // MARK: Gradients

    /// Walks the records backward from a scalar, with its gradient 1. What each record saved is let go as it is done.
    package func backward(from loss: Variable) {
        let one = tensor(loss.shape)
        one.pointer.update(repeating: 1, count: one.count)
        accumulate(one, into: loss)
        profile?.start()
        while let record = records.popLast() {
            record.backward()
            profile?.add("\(record.operation)", isBackward: true)
        }
    }

    /// Adds a gradient that nobody else uses; for the first to arrive that is a move.
    func accumulate(_ gradient: Tensor, into variable: Variable) {
        guard let slot = variable.slot else { return }
        precondition(gradient.count == variable.value.count, "gradient \(gradient.shape) for \(variable.shape)")
        if let target = parameterGradient(variable) {
            target.add(gradient)
        } else if let sum = gradients[slot] {
            sum.add(gradient)
        } else {
            gradients[slot] = gradient.reshaped(variable.shape)
        }
    }

    /// Where a gradient may be added in place; zeros when it is the first. Nil when none is wanted.
    func gradientSum(_ variable: Variable) -> Tensor? {
        guard let slot = variable.slot else { return nil }
        if let target = parameterGradient(variable) { return target }
        if let sum = gradients[slot] { return sum }
        let sum = zeros(variable.shape)
        gradients[slot] = sum
        return sum
    }

    /// The gradient that has arrived at a value made by `input`, after the backward pass.
    package func gradient(of variable: Variable) -> Tensor? {
        variable.slot.flatMap { $0 >= 0 ? gradients[$0] : parameterGradient(variable) }
    }

    private func parameterGradient(_ variable: Variable) -> Tensor? {
        guard let slot = variable.slot, slot < 0, let parameterGradients else { return nil }
        return parameterGradients.tensors[-1 - slot]
    }
}

extension Tape {
    /// A tape over the same weights and pool, in the same precision, that records nothing and draws nothing, with the
    /// same helpers or alone.
    package func detached(alone: Bool = false) -> Tape {
        Tape(parameters, pool: pool, workers: alone ? nil : workers, precision: product.precision)
    }
}

extension Tape {
    /// The rows of `tensor` (outermost axis) with these numbers, in this order.
    package func rows(_ numbers: [Int], of tensor: Tensor) -> Tensor {
        let inner = tensor.count / max(tensor.shape[0], 1)
        let result = self.tensor(Shape([numbers.count] + tensor.shape.extents.dropFirst()))
        for (row, number) in numbers.enumerated() {
            (result.pointer + row * inner).update(from: tensor.pointer + number * inner, count: inner)
        }
        return result
    }
}
