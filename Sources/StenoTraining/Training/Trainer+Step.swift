import AudioFrontEnd
import CKernels
import StenoTensor
import Synchronization

/// What one optimiser step was made of.
struct StepResult: Codable, Sendable {
    /// Of the whole batch, per character.
    var loss = 0.0
    var sums = LossSums()
    /// Before clipping.
    var gradientNorm = 0.0
}

extension Trainer {
    /// One step of the optimiser. A batch from which training diverges changes nothing.
    func step(_ batch: [BatchItem], rate: Double) throws(TrainingError) -> StepResult {
        var result = try gradient(of: batch)
        try sumOverShards()
        let gradient = shardGradients[0]
        result.gradientNorm = adam.norm(of: gradient, workers: workers)
        if let reason = divergence(result) { throw diverged(reason, batch: batch) }
        let limit = recipe.training.optimiser.clipNorm
        adam.update(
            weights, gradient: gradient, step: state.step + 1, rate: rate,
            scale: result.gradientNorm > limit ? Float(limit / result.gradientNorm) : 1, workers: workers)
        return result
    }

    /// Longest first, dealt out in turn: shards of equal work, and running sequences are the leading rows.
    private func shards(of batch: [BatchItem]) -> [[BatchItem]] {
        let examples = data.train.examples
        let sorted = batch.sorted { a, b in
            let lengths = [a, b].map { Double(examples[$0.example].length) / $0.speed }
            return (lengths[1], a.example) < (lengths[0], b.example)
        }
        let count = recipe.training.shards
        return (0..<count).map { shard in stride(from: shard, to: sorted.count, by: count).map { sorted[$0] } }
    }

    /// Fills each shard's gradient.
    private func gradient(of batch: [BatchItem]) throws(TrainingError) -> StepResult {
        let options = recipe.training
        let shards = shards(of: batch)
        let batchTokens = batch.reduce(0) { $0 + data.train.examples[$1.example].tokens.count + 1 }
        let objective = Objective(
            model: model, ctcWeight: options.ctcWeight, labelSmoothing: options.labelSmoothing,
            scheduledSampling: options.scheduledSampling)
        let share = share.shards
        let results = Mutex([Result<StepResult, AudioError>](repeating: .success(StepResult()), count: share.count))
        let passKey = RandomPurpose.pass.key(seed: options.seed, state.step)
        let masking = options.masking
        let maskKey = RandomPurpose.masks.key(seed: options.seed, state.epoch)
        workers.run(jobs: share.count) { [data, weights, shardGradients, pools] index in
            let shard = share.lowerBound + index
            shardGradients[index].flat.clear()
            if shards[shard].isEmpty { return }
            do throws(AudioError) {
                let examples = try data.prepared(shards[shard], masking: masking, key: maskKey)
                let tape = Tape(
                    weights, gradients: shardGradients[index], pool: pools[index],
                    randomKey: mixed(passKey, UInt64(shard)), precision: options.precision)
                let (loss, sums) = objective(examples, batchTokens: batchTokens, on: tape)
                tape.backward(from: loss)
                results.withLock { $0[index] = .success(StepResult(loss: Double(loss.value.scalar), sums: sums)) }
            } catch {
                results.withLock { $0[index] = .failure(error) }
            }
        }
        let own: Result<[StepResult], TrainingError>
        do throws(AudioError) {
            var parts: [StepResult] = []
            for result in results.withLock({ $0 }) { parts.append(try result.get()) }
            own = .success(parts)
        } catch { own = .failure(.audio(error)) }
        var whole = StepResult()
        for part in try agree(on: own).joined() {
            whole.loss += part.loss
            whole.sums += part.sums
        }
        return whole
    }

    /// A binary tree over shard numbers, so that the sum does not depend on who computed which shard: first over those of
    /// this process, then over the processes.
    private func sumOverShards() throws(TrainingError) {
        let vectors = shardGradients.map {
            UnsafeMutableBufferPointer(start: $0.flat.pointer, count: model.layout.count)
        }
        var distance = 1
        while distance < vectors.count {
            for target in stride(from: 0, to: vectors.count - distance, by: 2 * distance) {
                workers.add(UnsafeBufferPointer(vectors[target + distance]), to: vectors[target])
            }
            distance *= 2
        }
        try measured(\.sums) { () throws(CommunicationError) in try sum(vectors[0]) }
    }

    // MARK: Divergence

    private func divergence(_ result: StepResult) -> String? {
        if !result.loss.isFinite { return "the loss is \(result.loss)" }
        if !result.gradientNorm.isFinite { return "the gradient's norm is \(result.gradientNorm)" }
        if state.step > 0 && result.loss > 10 * (state.smoothedLoss + 1) {
            return "the loss is \(result.loss), its running mean \(state.smoothedLoss)"
        }
        return nil
    }

    private func diverged(_ reason: String, batch: [BatchItem]) -> TrainingError {
        .diverged(
            step: state.step + 1, reason: reason, utterances: batch.map { data.train.examples[$0.example].id },
            checkpoint: folder.hasCheckpoint ? folder.checkpoint : nil)
    }
}

extension Workers {
    /// Adds numbers onto as many others, by pieces.
    func add(_ numbers: UnsafeBufferPointer<Float>, to sums: UnsafeMutableBufferPointer<Float>) {
        guard let from = numbers.baseAddress, let onto = sums.baseAddress else { return }
        // Whole vectors: the pointers outlive the call, which returns when all pieces are done.
        nonisolated(unsafe) let (source, target) = (from, onto)
        let (count, piece) = (numbers.count, 1 << 16)
        run(jobs: (count + piece - 1) / piece) { index in
            let start = index * piece
            steno_add(Int64(min(piece, count - start)), source + start, target + start)
        }
    }
}

extension TrainingData {
    /// Examples of the training set at their speeds, normalised and masked.
    fileprivate func prepared(
        _ items: [BatchItem], masking: MaskingOptions, key: UInt64
    ) throws(AudioError) -> [PreparedExample] {
        var examples: [PreparedExample] = []
        for item in items {
            var source = try train.source(item.example, speed: item.speed)
            try input.normalise(&source)
            if case .features(var features) = source {
                masking.apply(to: &features, key: mixed(key, UInt64(item.example)))
                source = .features(features)
            }
            let tokens = train.examples[item.example].tokens
            examples.append(PreparedExample(example: item.example, source: source, tokens: tokens))
        }
        return examples
    }
}
