import AudioFrontEnd
import StenoDecoding
import StenoModels
import StenoTensor
import StenoTraining

/// Sources to texts, a batch at a time: normalisation, encoder and search of one model, or of several that search
/// together.
struct BatchSearch: Sendable {
    let trained: TrainedModel
    /// Further models of the same input and vocabulary.
    private let members: [TrainedModel]
    var isEnsemble: Bool { !members.isEmpty }
    let options: SearchOptions
    let workers: Workers

    init(_ trained: TrainedModel, members: [TrainedModel] = [], options: SearchOptions, workers: Workers) {
        self.trained = trained
        self.members = members
        self.options = options
        self.workers = workers
    }

    /// The best texts of each source of a batch; call it on several threads for several batches.
    ///
    /// - Parameters:
    ///   - nBest: texts wanted of each source.
    ///   - spread: spread each operation over the workers, for a batch that is alone.
    func callAsFunction(
        _ batch: [PreparedSource], nBest: Int = 1, keepsAttention: Bool = false, sampling: Search.Sampling? = nil,
        spread: Bool = false
    ) throws(AudioError) -> [[Hypothesis]] {
        var batch = batch
        for index in batch.indices { try trained.input.normalise(&batch[index]) }
        let (encoded, tape) = encode(batch, by: trained, spread: spread)
        return Search(trained, options: options, sampling: sampling)(
            encoded,
            members: members.map { other in
                let (encoded, tape) = encode(batch, by: other, spread: spread)
                return Search.Member(other.model, encoded: encoded, on: tape)
            },
            nBest: nBest, keepsAttention: keepsAttention, on: tape)
    }

    /// The text of a hypothesis.
    func text(of hypothesis: Hypothesis) -> String { trained.vocabulary.decode(hypothesis.tokens.map(Int.init)) }

    private func encode(_ batch: [PreparedSource], by trained: TrainedModel, spread: Bool) -> (Encoded, Tape) {
        // A pool of its own: batches have other shapes each time, and what one needed is not kept for the next.
        let tape = Tape(trained.weights, pool: Pool(), workers: spread ? workers : nil)
        return (trained.model.encode(Source(batch, on: tape), on: tape), tape)
    }
}
