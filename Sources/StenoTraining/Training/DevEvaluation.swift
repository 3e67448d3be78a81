import AudioFrontEnd
import StenoDecoding
import StenoEvaluation
import StenoModels
import StenoTensor
import StenoText
import Synchronization

/// A look at a model in training: greedy transcripts of dev utterances.
package struct DevEvaluation: Sendable {
    package let report: TranscriptionReport
    /// CER of the CTC head's best path alone, in per cent.
    package let ctcCER: Double
    package let samples: [(reference: String, hypothesis: String)]
    package let picture: AttentionPicture?

    package init(
        _ trained: TrainedModel, dataset: Dataset, utterances: Int, workers: Workers, pools: [Pool]
    ) throws(AudioError) {
        // Spread over the whole set, so that a few utterances stand for all speakers.
        let count = min(utterances, dataset.examples.count)
        let chosen = (0..<count).map { $0 * dataset.examples.count / count }
            .sorted { (dataset.examples[$0].expectedFrames, $0) < (dataset.examples[$1].expectedFrames, $1) }
        let batches = stride(from: 0, to: count, by: 16).map { Array(chosen[$0..<min($0 + 16, count)]) }
        struct Outcome { var attention: [String: String] = [:], ctc: [String: String] = [:] }
        let outcome = Mutex((texts: Outcome(), picture: AttentionPicture?.none, error: AudioError?.none))
        workers.run(jobs: batches.count) { index in
            do throws(AudioError) {
                let batch = batches[index]
                let tape = Tape(trained.weights, pool: pools[index % pools.count])
                var features: [Features] = []
                for example in batch {
                    var one = try dataset.features(example)
                    try trained.normalisation.apply(to: &one)
                    features.append(one)
                }
                let encoded = trained.model.encode(
                    .frames(padded(features, on: tape), lengths: features.map(\.frames)), on: tape)
                let paths = bestPath(trained.model.ctc(encoded.states, on: tape).value, lengths: encoded.lengths)
                let showsPicture = index == batches.count / 2
                let results = GreedySearch()(
                    trained.model.decoder.memory(encoded, on: tape), decoder: trained.model.decoder,
                    limits: encoded.lengths, keepsAttention: showsPicture, on: tape)
                func text(_ tokens: [Int32]) -> String { trained.vocabulary.decode(tokens.map(Int.init)) }
                outcome.withLock {
                    for (item, example) in batch.enumerated() {
                        let id = dataset.examples[example].entry.id
                        $0.texts.attention[id] = text(results[item].tokens)
                        $0.texts.ctc[id] = text(paths[item])
                    }
                    if showsPicture, let first = results.first, !first.tokens.isEmpty {
                        let steps = encoded.lengths[0]
                        let secondsPerStep = dataset.extractor.options.hopSeconds * Double(trained.model.encoder.subsampling.factor)
                        $0.picture = AttentionPicture(
                            weights: first.attention.flatMap { $0.prefix(steps) },
                            outputs: first.tokens.map { text([$0]) },
                            inputs: .frames(secondsPerFrame: secondsPerStep), inputCount: steps,
                            title: dataset.examples[batch[0]].entry.id)
                    }
                }
            } catch {
                outcome.withLock { $0.error = error }
            }
        }
        let (texts, picture, error) = outcome.withLock { $0 }
        if let error { throw error }
        let entries = chosen.sorted().map { dataset.examples[$0].entry }
        let references = entries.map(\.text)
        let hypotheses = entries.map { texts.attention[$0.id] ?? "" }
        report = TranscriptionReport(references: references, hypotheses: hypotheses)
        ctcCER = 100 * ErrorRate(
            unit: .characters, references: references, hypotheses: entries.map { texts.ctc[$0.id] ?? "" }).rate
        samples = (0..<min(3, entries.count)).map {
            let index = $0 * entries.count / 3
            return (references[index], hypotheses[index])
        }
        self.picture = picture
    }
}
