import AudioFrontEnd
import StenoModels
import StenoTensor
import StenoTraining

/// One step of training on a batch that stays the same: loss, gradients, clipping, Adam, as the trainer does it.
struct TrainingStep {
    let model: Model
    let examples: [PreparedExample]
    let ctcWeight: Float
    let shards = 2

    func run(_ settings: Benchmarks.Settings, audioSeconds: Double? = nil) -> Benchmarks.Result {
        let weights = Weights(model.layout, seed: 1)
        let workers = Workers(count: settings.threads)
        let pools = (0..<shards).map { _ in Pool() }
        let gradients = (0..<shards).map { _ in Weights(zeros: model.layout) }
        let objective = Objective(model: model, ctcWeight: ctcWeight, labelSmoothing: 0.1)
        let optimiser = OptimiserOptions()
        let adam = Adam(model.layout, options: optimiser)
        // Longest first, dealt out in turn.
        let sorted = examples.sorted { $0.source.length > $1.source.length }
        let parts = (0..<shards).map { shard in stride(from: shard, to: sorted.count, by: shards).map { sorted[$0] } }
        let batchTokens = examples.reduce(0) { $0 + $1.tokens.count + 1 }
        let profiles = settings.profiles ? (0..<shards).map { _ in Profile() } : []
        var rest = Profile()
        var step = 0
        let seconds = Benchmarks.time(settings.runs) {
            step += 1
            // The first step warms up and is not counted.
            let profiled = step > 1
            if step == 2 { rest = Profile() }
            workers.run(jobs: shards) { shard in
                gradients[shard].flat.clear()
                let tape = Tape(
                    weights, gradients: gradients[shard], pool: pools[shard], precision: settings.precision,
                    profile: profiled && !profiles.isEmpty ? profiles[shard] : nil)
                tape.backward(from: objective(parts[shard], batchTokens: batchTokens, on: tape).loss)
            }
            rest.start()
            gradients[0].flat.add(gradients[1].flat)
            let norm = adam.norm(of: gradients[0], workers: workers)
            adam.update(
                weights, gradient: gradients[0], step: step, rate: 1e-3,
                scale: Float(min(1, optimiser.clipNorm / norm)), workers: workers)
            rest.add("sum of gradients, clipping, Adam")
        }
        if settings.profiles { ProfileTable(profiles + [rest], runs: settings.runs).print() }
        var result = Benchmarks.Result(seconds: seconds, threads: settings.threads, audioSeconds: audioSeconds)
        result.parameters = model.layout.count
        return result
    }
}
