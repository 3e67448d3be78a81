import StenoModels
import StenoTensor
import StenoText
import Synchronization

/// Finds the texts of encoded utterances by attention and CTC together, and a language model if there is one:
///
///     score = (1 - w) log p_attention(text) + w log p_CTC(text) + l log p_language(text) + bonus · tokens
///
/// Watanabe, Hori, Kim, Hershey, Hayashi 2017, "Hybrid CTC/attention architecture for end-to-end speech recognition".
/// A weight of 0 searches with the attention decoder alone, 1 with CTC alone (prefix search).
package struct Search: Sendable {
    package let model: Model
    package let language: NGramModel?
    package let options: SearchOptions

    package init(model: Model, language: NGramModel? = nil, options: SearchOptions) {
        self.model = model
        self.language = options.languageWeight > 0 ? language : nil
        self.options = options
    }

    package init(_ trained: TrainedModel, options: SearchOptions) {
        self.init(model: trained.model, language: trained.language?.model, options: options)
    }

    /// - Parameters:
    ///   - nBest: texts wanted of each utterance.
    ///   - keepsAttention: results hold the attention weights of every token.
    /// - Returns: for each utterance at least one hypothesis and at most `nBest`, the best first; the empty one where
    ///   there are no encoder steps.
    package func callAsFunction(
        _ encoded: Encoded, nBest: Int = 1, keepsAttention: Bool = false, on tape: Tape
    ) -> [[Hypothesis]] {
        let tape = tape.detached()
        let items = encoded.lengths.indices.filter { encoded.lengths[$0] > 0 }
        let (attends, spells) = (options.ctcWeight < 1, options.ctcWeight > 0)
        let memory = attends ? model.decoder.memory(encoded, on: tape) : nil
        let posteriors =
            spells ? Posteriors(model.ctc(encoded, on: tape).value, lengths: encoded.lengths, on: tape) : nil
        let found = spread(items, on: tape) { items, tape in
            var scorers: [(scorer: any Scorer, weight: Double)] = []
            if let memory {
                let scorer = DecoderScorer(model.decoder, memory: memory, items: items, on: tape)
                scorers.append((scorer, 1 - options.ctcWeight))
            }
            if let posteriors {
                scorers.append((CTCPrefixScorer(posteriors, items: items, on: tape), options.ctcWeight))
            }
            if let language { scorers.append((NGramScorer(language, rows: items.count), options.languageWeight)) }
            return BeamSearch(options: options, scorers: scorers)(
                limits: items.map { max(1, Int(options.tokensPerStep * Double(encoded.lengths[$0]))) }, count: nBest,
                keepsAttention: keepsAttention, on: tape)
        }

        var hypotheses = encoded.lengths.map { _ in
            [
                Hypothesis(
                    attentionLogProbability: attends ? 0 : nil, ctcLogProbability: spells ? 0 : nil,
                    languageLogProbability: language == nil ? nil : 0)
            ]
        }
        for (item, results) in zip(items, found) {
            hypotheses[item] = results.map { result in
                let alignment = posteriors.flatMap { ForcedAlignment(of: result.tokens, in: $0, item: item) }
                return Hypothesis(
                    tokens: result.tokens, score: result.score,
                    attentionLogProbability: attends ? result.parts[0] : nil,
                    ctcLogProbability: spells ? result.parts[attends ? 1 : 0] : nil,
                    languageLogProbability: language == nil ? nil : result.parts.last,
                    steps: alignment?.spans.map(\.lowerBound) ?? result.steps, attention: result.attention,
                    isCut: result.isCut)
            }
        }
        return hypotheses
    }

    /// Searches for some utterances a worker, each on a tape of its own; one utterance has all workers to itself.
    private func spread(
        _ items: [Int], on tape: Tape, _ search: @escaping ([Int], Tape) -> [[BeamSearch.Result]]
    ) -> [[BeamSearch.Result]] {
        let pieces = min(tape.workers?.count ?? 1, items.count)
        if pieces <= 1 { return items.isEmpty ? [] : search(items, tape) }
        let found = Mutex([[[BeamSearch.Result]]](repeating: [], count: pieces))
        tape.parallel(pieces) { piece in
            let share = items[piece * items.count / pieces..<(piece + 1) * items.count / pieces]
            let results = search(Array(share), tape.detached(alone: true))
            found.withLock { $0[piece] = results }
        }
        return found.withLock { $0.flatMap { $0 } }
    }
}
