import AudioFrontEnd
import CKernels
import StenoTensor
import Synchronization

/// What one optimiser step was made of.
struct StepResult: Sendable {
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
        sumOverShards()
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
        let results = Mutex([Result<StepResult, AudioError>](repeating: .success(StepResult()), count: shards.count))
        let passKey = RandomPurpose.pass.key(seed: options.seed, state.step)
        let masking = options.masking
        let maskKey = RandomPurpose.masks.key(seed: options.seed, state.epoch)
        workers.run(jobs: shards.count) { [data, weights, shardGradients, pools] shard in
            shardGradients[shard].flat.clear()
            if shards[shard].isEmpty { return }
            do throws(AudioError) {
                let examples = try data.prepared(shards[shard], masking: masking, key: maskKey)
                let tape = Tape(
                    weights, gradients: shardGradients[shard], pool: pools[shard],
                    randomKey: mixed(passKey, UInt64(shard)), precision: options.precision)
                let (loss, sums) = objective(examples, batchTokens: batchTokens, on: tape)
                tape.backward(from: loss)
                results.withLock { $0[shard] = .success(StepResult(loss: Double(loss.value.scalar), sums: sums)) }
            } catch {
                results.withLock { $0[shard] = .failure(error) }
            }
        }
        var whole = StepResult()
        for result in results.withLock({ $0 }) {
            switch result {
            case .success(let part):
                whole.loss += part.loss
                whole.sums += part.sums
            case .failure(let error): throw .audio(error)
            }
        }
        return whole
    }

    /// A binary tree over shard numbers, so that the sum does not depend on who computed which shard.
    private func sumOverShards() {
        let count = model.layout.count
        let piece = 1 << 16
        var distance = 1
        while distance < shardGradients.count {
            let targets = Array(stride(from: 0, to: shardGradients.count - distance, by: 2 * distance))
            workers.run(jobs: (count + piece - 1) / piece) { [shardGradients, distance] index in
                let from = index * piece
                for target in targets {
                    steno_add(
                        Int64(min(piece, count - from)), shardGradients[target + distance].flat.pointer + from,
                        shardGradients[target].flat.pointer + from)
                }
            }
            distance *= 2
        }
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
