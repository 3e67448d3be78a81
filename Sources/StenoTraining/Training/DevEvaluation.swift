import AudioFrontEnd
import Foundation
import StenoDecoding
import StenoEvaluation
import StenoModels
import StenoTensor
import StenoText
import Synchronization

/// A look at a model in training: transcripts of dev utterances.
package struct DevEvaluation: Sendable {
    package let report: TranscriptionReport
    /// CER of the CTC head's best path alone, in per cent; nil if the head is not trained.
    package let ctcCER: Double?
    package let samples: [(reference: String, hypothesis: String)]
    package let picture: AttentionPicture?

    /// - Parameters:
    ///   - utterances: most utterances to look at.
    ///   - search: how texts are found.
    ///   - usesCTC: whether the CTC head is trained.
    ///   - pools: one a worker.
    ///   - communicator: processes that share the work; all get the same report, process 0 alone the picture.
    ///   - isAskedToStop: looked at between batches; the evaluation is nil if it says so before the end.
    package init?(
        _ trained: TrainedModel, dataset: Dataset, utterances: Int, search: SearchOptions, usesCTC: Bool,
        workers: Workers, pools: [Pool], communicator: any Communicator = SingleProcess(),
        isAskedToStop: @escaping @Sendable () -> Bool = { false }
    ) throws(TrainingError) {
        // Spread over the whole set, so that a few utterances stand for all speakers.
        let count = min(utterances, dataset.examples.count)
        let chosen = (0..<count).map { $0 * dataset.examples.count / count }
        let byLength = chosen.sorted { (dataset.examples[$0].length, $0) < (dataset.examples[$1].length, $1) }
        let batches = stride(from: 0, to: count, by: 16).map { Array(byLength[$0..<min($0 + 16, count)]) }
        let transcriber = BatchTranscriber(trained: trained, dataset: dataset, search: search, usesCTC: usesCTC)
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
                    batches[own[index]], drawsPicture: own[index] == pictured, pool: pools[index % pools.count])
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
        let references = chosen.map { dataset.examples[$0].text }
        let hypotheses = chosen.map { texts[$0]?.attention ?? "" }
        report = TranscriptionReport(references: references, hypotheses: hypotheses)
        let paths = chosen.map { texts[$0]?.ctc ?? "" }
        ctcCER = usesCTC ? 100 * ErrorRate(unit: .characters, references: references, hypotheses: paths).rate : nil
        samples = (0..<min(3, count)).map {
            let index = $0 * count / 3
            return (references[index], hypotheses[index])
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
    }
    struct Output: Sendable {
        var texts: [Texts] = []
        var picture: AttentionPicture?
    }

    let trained: TrainedModel
    let dataset: Dataset
    let search: SearchOptions
    let usesCTC: Bool

    func callAsFunction(_ examples: [Int], drawsPicture: Bool, pool: Pool) throws(AudioError) -> Output {
        let tape = Tape(trained.weights, pool: pool)
        var sources: [PreparedSource] = []
        for example in examples {
            var source = try dataset.source(example)
            try trained.input.normalise(&source)
            sources.append(source)
        }
        let encoded = trained.model.encode(Source(sources, on: tape), on: tape)
        let paths =
            usesCTC ? bestPath(trained.model.ctc(encoded, on: tape).value, lengths: encoded.lengths) : []
        let hypotheses = Search(trained, options: search)(
            encoded, keepsAttention: drawsPicture, on: tape)
        var output = Output()
        for item in examples.indices {
            output.texts.append(
                Texts(
                    example: examples[item], attention: text(hypotheses[item].first?.tokens ?? []),
                    ctc: usesCTC ? text(paths[item]) : ""))
        }
        if drawsPicture, let first = hypotheses[0].first, first.attention.first?.isEmpty == false {
            output.picture = dataset.picture(
                of: examples[0], input: trained.input, tokens: first.tokens.map { trained.vocabulary.tokens[Int($0)] },
                attention: first.attention.map { Array($0.prefix(encoded.lengths[0])) },
                stepLength: trained.model.encoder.stepLength)
        }
        return output
    }

    private func text(_ tokens: [Int32]) -> String { trained.vocabulary.decode(tokens.map(Int.init)) }
}

extension Dataset {
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
