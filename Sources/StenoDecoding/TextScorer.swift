import StenoModels
import StenoTensor
import StenoText

/// Natural log-probabilities of a given text.
package struct TextScore: Sendable {
    /// Under the attention decoder, the end included.
    package let attentionLogProbability: Double
    /// Under CTC, over all alignments; minus infinity if the text has more tokens than fit, nil without a CTC head.
    package let ctcLogProbability: Double?
    /// Under the language model, the end included; nil if there is none.
    package let languageLogProbability: Double?
    /// What `Search` would give the text: `(1 - w) attention + w CTC + l language + bonus · tokens`, over the length
    /// penalty.
    package let score: Double
}

/// Scores given texts of encoded utterances, as `Search` scores those that it finds.
package struct TextScorer: Sendable {
    package let model: Model
    package let language: NGramModel?
    package let options: SearchOptions

    package init(model: Model, language: NGramModel? = nil, options: SearchOptions) {
        self.model = model
        self.language = language
        self.options = options
    }

    package init(_ trained: TrainedModel, options: SearchOptions) {
        self.init(model: trained.model, language: trained.language?.model, options: options)
    }

    /// - Parameter texts: the tokens of each utterance, without start and end.
    package func callAsFunction(_ encoded: Encoded, texts: [[Int32]], on tape: Tape) -> [TextScore] {
        precondition(
            texts.count == encoded.lengths.count, "\(texts.count) texts for \(encoded.lengths.count) utterances")
        let tape = tape.detached()
        let attention = attentionLogProbabilities(encoded, texts: texts, on: tape)
        let losses =
            model.hasCTC
            ? tape.ctcLoss(
                model.ctc(encoded, on: tape), lengths: encoded.lengths, labels: texts,
                blank: Int32(Vocabulary.blank), weights: texts.map { _ in 1 }
            ).1 : nil
        let weight = options.ctcWeight
        return texts.indices.map { item in
            let isEmpty = encoded.lengths[item] == 0
            let ctc = losses.map { isEmpty ? Self.certain(texts[item]) : -$0[item] }
            let attention = attention[item]
            let said = language?.logProbability(of: texts[item])
            let sum =
                (weight < 1 ? (1 - weight) * attention : 0) + (weight > 0 ? weight * (ctc ?? 0) : 0)
                + options.languageWeight * (said ?? 0) + options.lengthBonus * Double(texts[item].count)
            return TextScore(
                attentionLogProbability: attention, ctcLogProbability: ctc, languageLogProbability: said,
                score: options.score(sum, tokens: texts[item].count))
        }
    }

    /// Natural log-probabilities under the attention decoder alone, ends included; all steps at once, as in training.
    package func attentionLogProbabilities(_ encoded: Encoded, texts: [[Int32]], on tape: Tape) -> [Double] {
        let tape = tape.detached()
        let steps = (texts.map(\.count).max() ?? 0) + 1
        let inputs = texts.flatMap { text in
            [Int32(Vocabulary.start)] + text
                + [Int32](repeating: Int32(Vocabulary.padding), count: steps - 1 - text.count)
        }
        let logits = model.decoder(
            inputs: inputs, lengths: texts.map { $0.count + 1 }, memory: model.decoder.memory(encoded, on: tape),
            on: tape)
        let scores = tape.logSoftmax(logits.value)
        return texts.enumerated().map { item, text in
            if encoded.lengths[item] == 0 { return Self.certain(text) }
            return (text + [Int32(Vocabulary.end)]).enumerated().reduce(0) { sum, target in
                sum + Double(scores[item][target.offset].pointer[Int(target.element)])
            }
        }
    }

    /// Of no steps nothing but the empty text can be said.
    private static func certain(_ text: [Int32]) -> Double { text.isEmpty ? 0 : -.infinity }
}
