import AudioFrontEnd
import StenoDecoding
import StenoModels
import StenoTensor
import StenoText
import StenoTraining
import Synchronization

/// Attention search with the reference speech model over 16 utterances of 10 s, from features to 150 characters each:
/// the end is forbidden, for random weights would never or always end. Weights may come from a peer's file.
func transcription(beam: Int, _ settings: Benchmarks.Settings) throws -> Benchmarks.Result {
    let (utterances, seconds, characters) = (16, 10.0, 150)
    let model = SpeechReference.model
    let weights = Weights(model.layout, seed: 1)
    if let path = settings.weights { try PeerWeights.read(path, into: weights) }
    for (entry, tensor) in zip(model.layout.entries, weights.tensors) where entry.name == "decoder.output.bias" {
        tensor.pointer[Vocabulary.end] = -1e4
    }
    var random = RandomStream(key: 2)
    let features = (0..<utterances).map { _ in
        PreparedSource.features(SpeechReference.features(seconds: seconds, &random))
    }
    var options = SearchOptions()
    (options.beam, options.ctcWeight, options.repetitions) = (beam, 0, 0)
    options.tokensPerStep = Double(characters) / (25 * seconds)
    let search = Search(model: model, options: options)
    let workers = Workers(count: settings.threads)

    @Sendable func transcribe(_ part: ArraySlice<PreparedSource>, on tape: Tape) -> Int {
        let encoded = model.encode(Source(Array(part), on: tape), on: tape)
        return search(encoded, on: tape).reduce(0) { $0 + ($1.first?.tokens.count ?? 0) }
    }
    let found = Mutex(0)
    let times = Benchmarks.time(settings.runs) {
        found.withLock { $0 = 0 }
        for first in stride(from: 0, to: utterances, by: settings.batch) {
            let batch = features[first..<min(first + settings.batch, utterances)]
            if batch.count < settings.threads {
                let count = transcribe(batch, on: Tape(weights, workers: workers))
                found.withLock { $0 += count }
            } else {
                // A part for each worker, as many recordings are transcribed.
                workers.run(jobs: settings.threads) { job in
                    let (from, to) = (job * batch.count / settings.threads, (job + 1) * batch.count / settings.threads)
                    let part = batch[batch.startIndex + from..<batch.startIndex + to]
                    let count = transcribe(part, on: Tape(weights))
                    found.withLock { $0 += count }
                }
            }
        }
    }
    let count = found.withLock { $0 }
    precondition(count == utterances * characters, "\(count) characters")
    return Benchmarks.Result(
        seconds: times, threads: settings.threads, audioSeconds: Double(utterances) * seconds)
}
