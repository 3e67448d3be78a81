import Foundation
import StenoDecoding
import StenoEvaluation
import StenoText
import StenoTraining

/// How likely a model finds the given translations of texts.
package struct PairScores: Sendable {
    package struct Pair: Sendable, Encodable {
        package let id: String
        /// Natural log-probability of the target, its end included.
        package let logProbability: Double
        /// The same over the length penalty, and the length bonus: what search would give the target.
        package let score: Double
        /// Of the target, the end included.
        package let tokens: Int
        package let words: Int

        private enum CodingKeys: String, CodingKey {
            case id
            case logProbability = "log_probability"
            case score, tokens, words
        }
    }

    /// Sums over all pairs.
    package struct Totals: Sendable, Encodable {
        package let pairs: Int
        package let logProbability: Double
        package let tokens: Int
        package let words: Int
        /// `exp(-logProbability / n)`, n the tokens or the words; the end of each target counts as one of them. Nil where
        /// there is no pair.
        package let perplexityPerToken: Double?
        package let perplexityPerWord: Double?

        private enum CodingKeys: String, CodingKey {
            case pairs
            case logProbability = "log_probability"
            case tokens, words
            case perplexityPerToken = "perplexity_per_token"
            case perplexityPerWord = "perplexity_per_word"
        }
    }

    package private(set) var pairs: [Pair] = []

    fileprivate init<Failure>(
        _ pairs: [TextPair], with translator: Translator, each: (Result<Pair, StenoError>) throws(Failure) -> Void
    ) throws(Failure) {
        let (reader, trained) = (translator.reader, translator.search.trained)
        let scorer = TextScorer(trained, options: translator.search.options)
        let known = KnownTexts(trained: trained, workers: translator.search.workers)
        try known.forEach(pairs) { (pair) throws(StenoError) in
            let source = try reader.tokens(of: PlacedText(text: pair.source, place: pair.id))
            guard !source.isEmpty else { throw .text(place: pair.id, problem: "expected a source text, found none") }
            let target = PlacedText(text: pair.target, place: pair.id)
            return (.tokens(source), try reader.tokens(of: target, writtenIn: trained.vocabulary))
        } judge: { encoded, texts, tape in
            zip(scorer(encoded, texts: texts, on: tape), texts).map { ($0, $1.count + 1) }
        } receive: { (index, score) throws(Failure) in
            let pair = score.map { score, tokens in
                Pair(
                    id: pairs[index].id, logProbability: score.attentionLogProbability, score: score.score,
                    tokens: tokens, words: pairs[index].target.split(whereSeparator: \.isWhitespace).count + 1)
            }
            if case .success(let pair) = pair { self.pairs.append(pair) }
            try each(pair)
        }
    }

    package var totals: Totals {
        let sum = pairs.reduce(0) { $0 + $1.logProbability }
        let (tokens, words) = (pairs.reduce(0) { $0 + $1.tokens }, pairs.reduce(0) { $0 + $1.words })
        return Totals(
            pairs: pairs.count, logProbability: sum, tokens: tokens, words: words,
            perplexityPerToken: pairs.isEmpty ? nil : exp(-sum / Double(tokens)),
            perplexityPerWord: pairs.isEmpty ? nil : exp(-sum / Double(words)))
    }
}

extension Translator {
    /// Scores given translations, by the first model if several search together.
    ///
    /// - Parameter each: gets what became of each pair, in order, while others are still to be scored.
    package func scores<Failure>(
        of pairs: [TextPair], each: (Result<PairScores.Pair, StenoError>) throws(Failure) -> Void
    ) throws(Failure) -> PairScores {
        try PairScores(pairs, with: self, each: each)
    }
}
