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
    package private(set) var failures: [StenoError] = []

    init(_ pairs: [TextPair], with translator: Translator) {
        let (reader, trained) = (translator.reader, translator.search.trained)
        let scorer = TextScorer(trained, options: translator.search.options)
        let known = KnownTexts(trained: trained, workers: translator.search.workers)
        let scores = known.map(pairs) { (pair) throws(StenoError) in
            let source = try reader.tokens(of: PlacedText(text: pair.source, place: pair.id))
            guard !source.isEmpty else { throw .text(place: pair.id, problem: "expected a source text, found none") }
            let target = PlacedText(text: pair.target, place: pair.id)
            return (.tokens(source), try reader.tokens(of: target, writtenIn: trained.vocabulary))
        } judge: { encoded, texts, tape in
            zip(scorer(encoded, texts: texts, on: tape), texts).map { ($0, $1.count + 1) }
        }
        for (pair, score) in zip(pairs, scores) {
            switch score {
            case .success(let (score, tokens)):
                self.pairs.append(
                    Pair(
                        id: pair.id, logProbability: score.attentionLogProbability, score: score.score, tokens: tokens,
                        words: pair.target.split(whereSeparator: \.isWhitespace).count + 1))
            case .failure(let error): failures.append(error)
            }
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
    package func scores(of pairs: [TextPair]) -> PairScores { PairScores(pairs, with: self) }
}
