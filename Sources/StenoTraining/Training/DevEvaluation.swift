import AudioFrontEnd
import Foundation
import StenoDecoding
import StenoEvaluation
import StenoModels
import StenoTensor
import StenoText
import Synchronization

/// A look at a model in training: transcripts of dev utterances, and how likely it finds what they should be.
package struct DevEvaluation: Sendable {
    package let figures: DevFigures
    package let samples: [(reference: String, hypothesis: String)]
    package let picture: AttentionPicture?

    /// - Parameters:
    ///   - utterances: most utterances to look at.
    ///   - search: how texts are found.
    ///   - ctcWeight: of training: 0 leaves the CTC head out, which is not trained then, 1 the decoder's loss.
    ///   - communicator: processes that share the work; all get the same figures, process 0 alone the picture.
    ///   - isAskedToStop: looked at between batches; the evaluation is nil if it says so before the end.
    package init?(
        _ trained: TrainedModel, dataset: Dataset, utterances: Int, search: SearchOptions, ctcWeight: Float,
        workers: Workers, communicator: any Communicator = SingleProcess(),
        isAskedToStop: @escaping @Sendable () -> Bool = { false }
    ) throws(TrainingError) {
        let items = dataset.items
        // Spread over the whole set, so that a few utterances stand for all speakers.
        let count = min(utterances, items.count)
        let chosenItems = (0..<count).map { items[$0 * items.count / count] }
        let chosen = chosenItems.map(\.example)
        let byLength = chosen.sorted { (dataset.examples[$0].length, $0) < (dataset.examples[$1].length, $1) }
        let batches = stride(from: 0, to: count, by: 16).map { Array(byLength[$0..<min($0 + 16, count)]) }
        let transcriber = BatchTranscriber(trained: trained, dataset: dataset, search: search, ctcWeight: ctcWeight)
        // Dealt out in turn, so that the batch of the picture falls to process 0.
        let pictured = batches.count / 2
        let first = (pictured + communicator.rank) % communicator.count
        let own = Array(stride(from: first, to: batches.count, by: communicator.count))
        let results = Mutex([Result<BatchTranscriber.Output, AudioError>?](repeating: nil, count: own.count))
        workers.run(jobs: own.count) { index in
            if isAskedToStop() { return }
            let result: Result<BatchTranscriber.Output, AudioError>
            do throws(AudioError) {
                let output = try transcriber(
                    batches[own[index]], drawsPicture: own[index] == pictured)
                result = .success(output)
            } catch { result = .failure(error) }
            results.withLock { $0[index] = result }
        }
        var part: [BatchTranscriber.Texts]? = []
        var picture: AttentionPicture?
        var failure: AudioError?
        for result in results.withLock({ $0 }) {
            switch result {
            case .success(let output):
                part?.append(contentsOf: output.texts)
                picture = picture ?? output.picture
            case .failure(let error): failure = failure ?? error
            case nil: part = nil
            }
        }
        let parts = try communicator.agree(on: failure.map { .failure(.audio($0)) } ?? .success(part))
        if parts.contains(where: { $0 == nil }) { return nil }
        let texts = Dictionary(parts.flatMap { $0 ?? [] }.map { ($0.example, $0) }) { $1 }
        let answers = chosenItems.map(\.answers)
        let hypotheses = chosen.map { texts[$0]?.attention ?? "" }
        func errorRate(_ unit: TextUnit, _ hypotheses: [String]) -> Double {
            100 * ErrorRate(unit: unit, answers: answers, hypotheses: hypotheses).rate
        }
        var figures = DevFigures(cer: errorRate(.characters, hypotheses), wer: errorRate(.words, hypotheses))
        if ctcWeight > 0 { figures.ctcCER = errorRate(.characters, chosen.map { texts[$0]?.ctc ?? "" }) }
        if dataset.audio == nil {
            figures.bleu = BLEU(references: answers, hypotheses: hypotheses).score
            figures.chrF = ChrF(references: answers, hypotheses: hypotheses).score
        }
        if ctcWeight < 1 {
            // Of no steps nothing can be said.
            let said = chosen.filter { texts[$0].map { $0.logProbability != -.infinity } ?? false }
            let logProbability = said.reduce(0) { $0 + (texts[$1]?.logProbability ?? 0) }
            let tokens = said.reduce(0) { $0 + dataset.examples[$1].tokens.count + 1 }
            if tokens > 0 { figures.loss = -logProbability / Double(tokens) }
        }
        self.figures = figures
        samples = (0..<min(3, count)).map {
            let index = $0 * count / 3
            return (dataset.examples[chosen[index]].text, hypotheses[index])
        }
        self.picture = picture
    }
}

/// Transcribes some examples of a set at once.
private struct BatchTranscriber: Sendable {
    struct Texts: Codable, Sendable {
        let example: Int
        let attention: String
        let ctc: String
        /// Of what the text should be, under the decoder.
        let logProbability: Double
    }
    struct Output: Sendable {
        var texts: [Texts] = []
        var picture: AttentionPicture?
    }

    let trained: TrainedModel
    let dataset: Dataset
    let search: SearchOptions
    let ctcWeight: Float

    func callAsFunction(_ examples: [Int], drawsPicture: Bool) throws(AudioError) -> Output {
        // With a pool of its own: what search needs is not kept for the next steps of training.
        let tape = Tape(trained.weights)
        var sources: [PreparedSource] = []
        for example in examples {
            var source = try dataset.source(example)
            try trained.input.normalise(&source)
            sources.append(source)
        }
        let encoded = trained.model.encode(Source(sources, on: tape), on: tape)
        let paths =
            ctcWeight > 0 ? bestPath(trained.model.ctc(encoded, on: tape).value, lengths: encoded.lengths) : []
        let logProbabilities =
            ctcWeight < 1
            ? TextScorer(trained, options: search).attentionLogProbabilities(
                encoded, texts: examples.map { dataset.examples[$0].tokens }, on: tape) : []
        let hypotheses = Search(trained, options: search)(
            encoded, keepsAttention: drawsPicture, on: tape)
        var output = Output()
        for item in examples.indices {
            output.texts.append(
                Texts(
                    example: examples[item], attention: text(hypotheses[item].first?.tokens ?? []),
                    ctc: ctcWeight > 0 ? text(paths[item]) : "",
                    logProbability: ctcWeight < 1 ? logProbabilities[item] : 0))
        }
        if drawsPicture, let first = hypotheses[0].first, first.attention.first?.isEmpty == false {
            output.picture = dataset.picture(
                of: examples[0], input: trained.input, tokens: first.tokens.map { trained.vocabulary.tokens[Int($0)] },
                attention: first.attention.map { Array($0.prefix(encoded.lengths[0])) },
                stepLength: trained.model.stepLength)
        }
        return output
    }

    private func text(_ tokens: [Int32]) -> String { trained.vocabulary.decode(tokens.map(Int.init)) }
}

extension Dataset {
    /// What there is to look at: an example and its right answers. A source text that occurs several times is one item,
    /// whose first example stands for all; a recording is always one of its own.
    fileprivate var items: [(example: Int, answers: [String])] {
        guard audio == nil else { return examples.enumerated().map { ($0, [$1.text]) } }
        let groups = AnswerGroups(
            examples.lazy.map { example in
                guard case .text(let source, _) = example.origin else { preconditionFailure("a dataset of texts") }
                return (source, example.text)
            })
        return zip(groups.firstPairs, groups.answers).map { ($0, $1) }
    }

    /// Where the decoder looked while it wrote the tokens of an example.
    ///
    /// - Parameters:
    ///   - attention: weights of each token over the encoder's steps.
    ///   - stepLength: frames or tokens of one step.
    fileprivate func picture(
        of index: Int, input: ModelInput, tokens: [String], attention: [[Float]], stepLength: Int
    ) -> AttentionPicture {
        let inputs: AttentionPicture.Inputs
        switch (examples[index].origin, input) {
        case (.text(_, let ids), .text(let vocabulary)): inputs = .tokens(ids.map { vocabulary.tokens[Int($0)] })
        case (_, .audio(let features, _)):
            inputs = .frames(secondsPerFrame: features.hopSeconds * Double(stepLength))
        case (.audio, .text): preconditionFailure("a model of text reads texts")
        }
        return AttentionPicture(
            weights: attention.flatMap { $0 }, outputs: tokens, inputs: inputs, inputCount: attention[0].count,
            title: examples[index].id)
    }
}
