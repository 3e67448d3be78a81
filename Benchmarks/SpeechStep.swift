import AudioFrontEnd
import StenoModels
import StenoTensor
import StenoTraining

/// One training step of the reference speech model (9,128,604 parameters): 32 utterances of 10 s with 150 characters,
/// joint CTC and attention loss with label smoothing, clipping, Adam; random features and characters.
func speechStep(_ settings: Benchmarks.Settings) -> Benchmarks.Result {
    let (batch, frames, characters, bins, shards) = (32, 1000, 150, 80, 2)
    var options = ModelOptions()
    options.encoder = EncoderOptions()
    options.encoder.input = 640
    options.encoder.units = 320
    options.encoder.layers = 3
    options.encoder.normalised = false
    options.encoder.dropout = 0
    options.decoder.embedding = 256
    options.decoder.units = 512
    options.decoder.attention = 320
    options.decoder.readout = 512
    options.decoder.dropout = 0
    let model = Model(options: options, source: .frames(bins: bins), symbols: 30)
    let weights = Weights(model.layout, seed: 1)
    var random = RandomStream(key: 1)
    let examples = (0..<batch).map { index in
        PreparedExample(
            example: index,
            source: .features(
                Features(frames: frames, bins: bins, values: (0..<frames * bins).map { _ in random.normal() })),
            tokens: (0..<characters).map { _ in 3 + Int32(random.next() % 27) })
    }
    let workers = Workers(count: settings.threads)
    let pools = (0..<shards).map { _ in Pool() }
    let gradients = (0..<shards).map { _ in Weights(zeros: model.layout) }
    let objective = Objective(model: model, ctcWeight: 0.3, labelSmoothing: 0.1, scheduledSampling: 0)
    let optimiser = OptimiserOptions()
    let adam = Adam(model.layout, options: optimiser)
    var step = 0
    let seconds = Benchmarks.time(settings.runs) {
        step += 1
        workers.run(jobs: shards) { shard in
            gradients[shard].flat.clear()
            let tape = Tape(weights, gradients: gradients[shard], pool: pools[shard], precision: settings.precision)
            let part = stride(from: shard, to: batch, by: shards).map { examples[$0] }
            tape.backward(from: objective(part, batchTokens: batch * (characters + 1), on: tape).loss)
        }
        gradients[0].flat.add(gradients[1].flat)
        let norm = adam.norm(of: gradients[0], workers: workers)
        adam.update(
            weights, gradient: gradients[0], step: step, rate: 1e-3,
            scale: Float(min(1, optimiser.clipNorm / norm)), workers: workers)
    }
    var result = Benchmarks.Result(
        seconds: seconds, threads: settings.threads, audioSeconds: Double(batch * frames) / 100)
    result.parameters = model.layout.count
    return result
}
