import Glibc

/// How texts are searched for: the section `search` of a recipe, kept in the model as its default.
package struct SearchOptions: Codable, Hashable, Sendable {
    /// Hypotheses kept at each step; 1 is greedy search.
    package var beam = 8
    /// Share of the CTC prefix score; the rest is the attention decoder's.
    package var ctcWeight = 0.3
    /// Factor of the language model's log-probability, which is added to the score of models that hold one.
    package var languageWeight = 0.3
    /// Added to the score for every token, against the preference for short texts.
    package var lengthBonus = 0.0
    /// The exponent α of what scores of whole texts are divided by, `((5 + n) / 6)^α` for n tokens, the end included;
    /// 0 for nothing. A remedy for the preference for short texts too (Wu et al. 2016, "Google's neural machine
    /// translation system", eq. 14).
    package var lengthPenalty = 0.0
    /// Hypotheses whose score is this much below that of the best of the same length are given up, in nats; 0 for none.
    package var margin = 0.0
    /// Most tokens for each encoder step: what makes endless repetition impossible.
    package var tokensPerStep = 1.0
    /// Tokens that a text may have beyond those, for short sources of long texts.
    package var extraTokens = 0
    /// Most tokens of a text, whatever its source; 0 for no such limit.
    package var maximumTokens = 0
    /// Tokens before which no text ends, unless its limit comes first.
    package var minimumTokens = 0
    /// Most times that a stretch of up to 64 tokens may stand in direct succession; 0 for no such limit.
    package var repetitions = 8

    package init() {}

    /// The most likely next token at each step by the attention decoder alone.
    package static var greedy: SearchOptions {
        var options = SearchOptions()
        options.beam = 1
        options.ctcWeight = 0
        return options
    }

    /// Most tokens of the text of a source of so many encoder steps.
    package func limit(steps: Int) -> Int {
        let limit = max(1, Int(tokensPerStep * Double(steps)) + extraTokens)
        return maximumTokens > 0 ? min(limit, maximumTokens) : limit
    }

    /// The score of a whole text of so many tokens, the end not included.
    ///
    /// - Parameter sum: of the weighted log-probabilities and the length bonus.
    package func score(_ sum: Double, tokens: Int) -> Double {
        lengthPenalty == 0 ? sum : sum / pow(Double(6 + tokens) / 6, lengthPenalty)
    }

    /// What of these options makes no sense, or nil.
    package var complaint: String? {
        let checks: [(Bool, String)] = [
            ((1...1024).contains(beam), "search.beam must be from 1 to 1024"),
            ((0...1).contains(ctcWeight), "search.ctcWeight must be from 0 to 1"),
            ((0...10).contains(languageWeight), "search.languageWeight must be from 0 to 10"),
            ((-10...10).contains(lengthBonus), "search.lengthBonus must be from -10 to 10"),
            ((0...10).contains(lengthPenalty), "search.lengthPenalty must be from 0 to 10"),
            (margin >= 0 && margin < .infinity, "search.margin must not be negative"),
            (tokensPerStep > 0 && tokensPerStep <= 10, "search.tokensPerStep must be above 0 and at most 10"),
            ((0...1_000_000).contains(extraTokens), "search.extraTokens must be from 0 to 1000000"),
            ((0...1_000_000).contains(maximumTokens), "search.maximumTokens must be from 0 to 1000000"),
            ((0...1_000_000).contains(minimumTokens), "search.minimumTokens must be from 0 to 1000000"),
            (
                maximumTokens == 0 || minimumTokens <= maximumTokens,
                "search.minimumTokens must not be above search.maximumTokens"
            ),
            (repetitions == 0 || (2...1000).contains(repetitions), "search.repetitions must be 0 or from 2 to 1000"),
        ]
        return checks.first { !$0.0 }?.1
    }
}
