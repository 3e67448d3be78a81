import AudioFrontEnd
import StenoDecoding
import StenoModels
import StenoTensor
import StenoText
import StenoTraining

/// Features of segments to text: normalisation, encoder and search of one model.
final class Recogniser: Sendable {
    struct Result: Sendable {
        let text: String
        let score: Double
    }

    private let trained: TrainedModel
    private let options: SearchOptions
    let workers: Workers

    init(_ trained: TrainedModel, options: SearchOptions, workers: Workers) {
        self.trained = trained
        self.options = options
        self.workers = workers
    }

    /// Recognises a batch; call it on several threads for several batches.
    ///
    /// - Parameter spread: spread each operation over the workers, for a batch that is alone.
    func callAsFunction(_ batch: [Features], spread: Bool = false) throws(AudioError) -> [Result] {
        // A pool of its own: batches have other shapes each time, and what one needed is not kept for the next.
        let tape = Tape(trained.weights, pool: Pool(), workers: spread ? workers : nil)
        var sources = batch.map(PreparedSource.features)
        for index in sources.indices { try trained.input.normalise(&sources[index]) }
        let encoded = trained.model.encode(Source(sources, on: tape), on: tape)
        return Search(trained, options: options)(encoded, on: tape).map { hypotheses in
            guard let best = hypotheses.first else { return Result(text: "", score: 0) }
            return Result(text: trained.vocabulary.decode(best.tokens.map(Int.init)), score: best.score)
        }
    }
}
