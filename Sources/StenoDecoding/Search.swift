import StenoModels
import StenoTensor
import StenoText
import Synchronization

/// Finds the texts of encoded utterances by attention and CTC together, and a language model if there is one:
///
///     score = ((1 - w) log p_attention(text) + w log p_CTC(text) + l log p_language(text) + bonus · tokens) / penalty
///
/// Watanabe, Hori, Kim, Hershey, Hayashi 2017, "Hybrid CTC/attention architecture for end-to-end speech recognition".
/// A weight of 0 searches with the attention decoder alone, 1 with CTC alone (prefix search). Several models of one
/// vocabulary search together by the mean of their decoders' log-probabilities (Sutskever, Vinyals, Le 2014).
package struct Search: Sendable {
    /// A further model, and what it makes of the same sources on a tape of its own weights.
    package struct Member {
        let model: Model
        let encoded: Encoded
        let tape: Tape

        package init(_ model: Model, encoded: Encoded, on tape: Tape) {
            (self.model, self.encoded, self.tape) = (model, encoded, tape.detached())
        }
    }

    /// Texts are drawn at random instead of searched for.
    package struct Sampling: Hashable, Sendable {
        /// What logits are divided by: below 1 likely tokens become likelier.
        package var temperature: Double
        /// Of each utterance.
        package var seeds: [UInt64]

        package init(temperature: Double, seeds: [UInt64]) { (self.temperature, self.seeds) = (temperature, seeds) }
    }

    package let model: Model
    package let language: NGramModel?
    package let options: SearchOptions
    private let sampling: Sampling?

    package init(model: Model, language: NGramModel? = nil, options: SearchOptions, sampling: Sampling? = nil) {
        self.model = model
        self.language = options.languageWeight > 0 ? language : nil
        self.options = sampling == nil ? options : options.drawing
        self.sampling = sampling
    }

    package init(_ trained: TrainedModel, options: SearchOptions, sampling: Sampling? = nil) {
        self.init(model: trained.model, language: trained.language?.model, options: options, sampling: sampling)
    }

    /// - Parameters:
    ///   - members: models besides the first, of whom only the decoders are asked.
    ///   - nBest: texts wanted of each utterance.
    ///   - keepsAttention: results hold the attention weights of every token.
    /// - Returns: for each utterance at least one hypothesis and at most `nBest`, the best first; the empty one where
    ///   there are no encoder steps.
    package func callAsFunction(
        _ encoded: Encoded, members: [Member] = [], nBest: Int = 1, keepsAttention: Bool = false, on tape: Tape
    ) -> [[Hypothesis]] {
        let tape = tape.detached()
        let items = encoded.lengths.indices.filter { encoded.lengths[$0] > 0 }
        let (attends, spells) = (options.ctcWeight < 1, options.ctcWeight > 0)
        let memory = attends ? model.decoder.memory(encoded, on: tape) : nil
        let memories = attends ? members.map { $0.model.decoder.memory($0.encoded, on: $0.tape) } : []
        let decoders = attends ? 1 + members.count : 0
        let posteriors =
            spells ? Posteriors(model.ctc(encoded, on: tape).value, lengths: encoded.lengths, on: tape) : nil
        let found = spread(items, on: tape) { items, tape in
            var scorers: [(scorer: any Scorer, weight: Double)] = []
            if let memory {
                let scorer = DecoderScorer(model.decoder, memory: memory, items: items, on: tape)
                scorers.append((scorer, (1 - options.ctcWeight) / Double(decoders)))
            }
            for (member, memory) in zip(members, memories) {
                let own = MemberScorer(member.tape.detached(alone: tape.workers == nil)) {
                    DecoderScorer(member.model.decoder, memory: memory, items: items, on: $0)
                }
                scorers.append((own, (1 - options.ctcWeight) / Double(decoders)))
            }
            if let posteriors {
                scorers.append((CTCPrefixScorer(posteriors, items: items, on: tape), options.ctcWeight))
            }
            if let language { scorers.append((NGramScorer(language, rows: items.count), options.languageWeight)) }
            if let sampling {
                let noise = NoiseScorer(seeds: items.map { sampling.seeds[$0] }, symbols: model.symbols)
                scorers.append((noise, sampling.temperature))
            }
            return BeamSearch(options: options, scorers: scorers)(
                limits: items.map { options.limit(steps: encoded.lengths[$0]) }, count: sampling == nil ? nBest : 1,
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
                let noise = sampling.map { $0.temperature * (result.parts.last ?? 0) } ?? 0
                let alignment = posteriors.flatMap { ForcedAlignment(of: result.tokens, in: $0, item: item) }
                return Hypothesis(
                    tokens: result.tokens, score: result.score - noise,
                    attentionLogProbability: attends
                        ? result.parts[..<decoders].reduce(0, +) / Double(decoders) : nil,
                    ctcLogProbability: spells ? result.parts[decoders] : nil,
                    languageLogProbability: language == nil ? nil : result.parts[decoders + (spells ? 1 : 0)],
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

extension SearchOptions {
    /// With the beam that draws: the first text that ends is the one.
    fileprivate var drawing: SearchOptions {
        var options = self
        (options.beam, options.lengthBonus, options.lengthPenalty, options.margin) = (1, 0, 0, 0)
        return options
    }
}
