import StenoDecoding
import StenoTensor
import StenoTraining

/// How likely a model finds what was said in a manifest's utterances.
package struct TranscriptScores: Sendable {
    package struct Utterance: Sendable, Encodable {
        package let id: String
        /// Natural log-probability of the text under the attention decoder, its end included.
        package let attention: Double
        /// The same under CTC over all alignments; minus infinity where the text does not fit the recording.
        package let ctc: Double
        /// The same under the model's language model, if it has one.
        package let language: Double?
        /// What search would give the text.
        package let score: Double
        package let characters: Int
    }

    package private(set) var utterances: [Utterance] = []

    /// - Parameter each: gets what became of each utterance, in order, while others are still to be scored.
    package init(
        _ entries: [ManifestEntry], model name: String?, threads: Int?, ctcWeight: Double?,
        each: (Result<Utterance, StenoError>) throws(StenoError) -> Void
    ) throws(StenoError) {
        let model = try SpeechModel(named: name)
        let trained = model.trained
        let known = KnownTexts(trained: trained, workers: Workers(count: try threadCount(threads)))
        var options = trained.search
        if let ctcWeight { options.ctcWeight = ctcWeight }
        let scorer = TextScorer(trained, options: options)
        let pairs = entries.map { SpeechModel.Pair(recording: Recording($0), text: $0.text) }
        try known.forEach(pairs, prepare: model.prepare) {
            scorer($0, texts: $1, on: $2)
        } receive: { (index, score) throws(StenoError) in
            let entry = entries[index]
            let utterance = score.map { score in
                Utterance(
                    id: entry.id, attention: score.attentionLogProbability, ctc: score.ctcLogProbability ?? 0,
                    language: score.languageLogProbability,
                    score: score.score, characters: entry.text.unicodeScalars.count)
            }
            if case .success(let utterance) = utterance { utterances.append(utterance) }
            try each(utterance)
        }
    }

    /// Sums over all utterances.
    package struct Totals: Sendable, Encodable {
        package let utterances: Int
        package let characters: Int
        package let attention: Double
        package let ctc: Double
        package let score: Double
    }

    package var totals: Totals {
        Totals(
            utterances: utterances.count, characters: utterances.reduce(0) { $0 + $1.characters },
            attention: utterances.reduce(0) { $0 + $1.attention }, ctc: utterances.reduce(0) { $0 + $1.ctc },
            score: utterances.reduce(0) { $0 + $1.score })
    }
}
