import StenoDecoding
import StenoModels
import StenoTensor
import StenoTraining

/// Translation of 256 random sentences of 16 words by the reference Transformer into 16 words each, batch by batch, as
/// `steno translate` searches: shorter and longer translations are ruled out, for weights are random.
func translation(beam: Int, _ settings: Benchmarks.Settings) -> Benchmarks.Result {
    let sentences = 256
    let model = TextReference.model(.transformer)
    let weights = Weights(model.layout, seed: 1)
    var random = RandomStream(key: 2)
    let sources = (0..<sentences).map { _ in PreparedSource.tokens(TextReference.sentence(&random)) }
    var options = SearchOptions()
    (options.beam, options.ctcWeight, options.repetitions) = (beam, 0, 0)
    (options.minimumTokens, options.maximumTokens) = (TextReference.words, TextReference.words)
    let search = Search(model: model, options: options)
    let (workers, pool) = (Workers(count: settings.threads), Pool())
    let times = Benchmarks.time(settings.runs) {
        var words = 0
        for first in stride(from: 0, to: sentences, by: settings.batch) {
            let tape = Tape(weights, pool: pool, workers: workers)
            let batch = Array(sources[first..<min(first + settings.batch, sentences)])
            let found = search(model.encode(Source(batch, on: tape), on: tape), on: tape)
            words += found.reduce(0) { $0 + ($1.first?.tokens.count ?? 0) }
        }
        precondition(words == sentences * TextReference.words, "\(words) words")
    }
    var result = Benchmarks.Result(seconds: times, threads: settings.threads)
    result.sentencesPerSecond = Double(sentences) / result.secondsMedian
    return result
}
