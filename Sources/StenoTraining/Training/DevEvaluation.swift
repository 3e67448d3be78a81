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
    /// CER of the CTC head's best path alone, in per cent; nil if the head is not trained.
    package let ctcCER: Double?
    package let samples: [(reference: String, hypothesis: String)]
    package let picture: AttentionPicture?

    /// - Parameters:
    ///   - utterances: most utterances to look at.
    ///   - usesCTC: whether the CTC head is trained.
    ///   - pools: one a worker.
    ///   - isAskedToStop: looked at between batches; the evaluation is nil if it says so before the end.
    package init?(
        _ trained: TrainedModel, dataset: Dataset, utterances: Int, usesCTC: Bool, workers: Workers, pools: [Pool],
        isAskedToStop: @escaping @Sendable () -> Bool = { false }
    ) throws(AudioError) {
        // Spread over the whole set, so that a few utterances stand for all speakers.
        let count = min(utterances, dataset.examples.count)
        let chosen = (0..<count).map { $0 * dataset.examples.count / count }
            .sorted { (dataset.examples[$0].length, $0) < (dataset.examples[$1].length, $1) }
        let batches = stride(from: 0, to: count, by: 16).map { Array(chosen[$0..<min($0 + 16, count)]) }
        struct Outcome { var attention: [String: String] = [:], ctc: [String: String] = [:] }
        let outcome = Mutex((texts: Outcome(), picture: AttentionPicture?.none, error: AudioError?.none))
        workers.run(jobs: batches.count) { index in
            if isAskedToStop() { return }
            do throws(AudioError) {
                let batch = batches[index]
                let tape = Tape(trained.weights, pool: pools[index % pools.count])
                var sources: [PreparedSource] = []
                for example in batch {
                    var source = try dataset.source(example)
                    try trained.input.normalise(&source)
                    sources.append(source)
                }
                let encoded = trained.model.encode(Source(sources, on: tape), on: tape)
                let paths =
                    usesCTC
                    ? bestPath(trained.model.ctc(encoded.states, on: tape).value, lengths: encoded.lengths) : []
                let showsPicture = index == batches.count / 2
                let results = GreedySearch()(
                    trained.model.decoder.memory(encoded, on: tape), decoder: trained.model.decoder,
                    limits: encoded.lengths, keepsAttention: showsPicture, on: tape)
                func text(_ tokens: [Int32]) -> String { trained.vocabulary.decode(tokens.map(Int.init)) }
                outcome.withLock {
                    for (item, example) in batch.enumerated() {
                        let id = dataset.examples[example].id
                        $0.texts.attention[id] = text(results[item].tokens)
                        if usesCTC { $0.texts.ctc[id] = text(paths[item]) }
                    }
                    if showsPicture, let first = results.first, !first.tokens.isEmpty {
                        $0.picture = dataset.picture(
                            of: batch[0], tokens: first.tokens.map { text([$0]) },
                            attention: first.attention.map { Array($0.prefix(encoded.lengths[0])) },
                            stepLength: trained.model.encoder.stepLength)
                    }
                }
            } catch {
                outcome.withLock { $0.error = error }
            }
        }
        let (texts, picture, error) = outcome.withLock { $0 }
        if let error { throw error }
        guard texts.attention.count == count else { return nil }
        let entries = chosen.sorted().map { dataset.examples[$0] }
        let references = entries.map(\.text)
        let hypotheses = entries.map { texts.attention[$0.id] ?? "" }
        report = TranscriptionReport(references: references, hypotheses: hypotheses)
        ctcCER =
            usesCTC
            ? 100
                * ErrorRate(
                    unit: .characters, references: references, hypotheses: entries.map { texts.ctc[$0.id] ?? "" }
                ).rate : nil
        samples = (0..<min(3, entries.count)).map {
            let index = $0 * entries.count / 3
            return (references[index], hypotheses[index])
        }
        self.picture = picture
    }
}

extension Dataset {
    /// Where the decoder looked while it wrote the tokens of an example.
    ///
    /// - Parameters:
    ///   - attention: weights of each token over the encoder's steps.
    ///   - stepLength: frames or tokens of one step.
    fileprivate func picture(
        of index: Int, tokens: [String], attention: [[Float]], stepLength: Int
    ) -> AttentionPicture {
        let inputs: AttentionPicture.Inputs
        switch (examples[index].origin, audio) {
        case (.text(let source, _), _): inputs = .tokens(source.unicodeScalars.map { String($0) })
        case (.audio, let audio):
            inputs = .frames(secondsPerFrame: (audio?.extractor.options.hopSeconds ?? 0) * Double(stepLength))
        }
        return AttentionPicture(
            weights: attention.flatMap { $0 }, outputs: tokens, inputs: inputs, inputCount: attention[0].count,
            title: examples[index].id)
    }
}
