import Foundation

/// How near translations come to reference translations, by n-grams of tokens; 0 to 100.
///
///     BLEU = 100 · BP · exp(1/4 Σ_n log p[n]),   BP = min(1, exp(1 - r / h)),   n = 1...4
///
/// p[n] is the share of the hypotheses' n-grams that a reference has too, h the hypotheses' tokens, r those of the
/// references nearest in length. All are summed over the corpus first. Papineni, Roukos, Ward, Zhu 2002, "BLEU: a
/// method for automatic evaluation of machine translation"; figures and defaults are those of sacreBLEU.
package struct BLEU: CorpusScore {
    package struct Options: ScoreOptions, Codable {
        package enum Smoothing: String, Codable, CaseIterable, Sendable {
            /// The k-th order without a match counts as 1 / 2^k matches (Chen, Cherry 2014, "A systematic comparison of
            /// smoothing techniques for sentence-level BLEU", method 3).
            case exponential = "exp"
            /// An order without a match makes the whole 0.
            case none
        }

        package var tokeniser = BLEUTokeniser.mteval13a
        package var smoothing = Smoothing.exponential
        package var lowercases = false
        /// Leaves out orders for which hypotheses are too short: meant for scores of single lines.
        package var usesEffectiveOrder = false

        package init() {}
    }

    /// What is summed over lines.
    package struct Counts: CorpusCounts, Codable {
        package var hypothesisLength = 0
        package var referenceLength = 0
        /// N-grams of the hypotheses that are right, and all of them; for n from 1 to 4.
        package var matches = SIMD4<Int>()
        package var totals = SIMD4<Int>()

        package init() {}

        package static func += (total: inout Counts, more: Counts) {
            total.hypothesisLength += more.hypothesisLength
            total.referenceLength += more.referenceLength
            total.matches &+= more.matches
            total.totals &+= more.totals
        }
    }

    package static let order = 4

    package let options: Options
    package let counted: CountedLines<Counts>

    package init(options: Options, counted: CountedLines<Counts>) {
        (self.options, self.counted) = (options, counted)
    }

    package static func counts(of hypothesis: String, against references: [String], _ options: Options) -> Counts {
        var number = Numbering<ArraySlice<Unicode.Scalar>>()
        func nGrams(_ line: String) -> NGrams {
            let scalars = Array(line.unicodeScalars)
            let tokens = options.tokeniser.tokens(of: options.lowercases ? scalars.lowercased : scalars)
            return NGrams(tokens.map { UInt32(number($0)) }, order: order)
        }
        let (hypothesis, references) = (nGrams(hypothesis), references.map(nGrams))
        var counts = Counts()
        counts.hypothesisLength = hypothesis.length
        // Of two that are equally near the shorter.
        counts.referenceLength =
            references.map(\.length).min {
                (abs($0 - hypothesis.length), $0) < (abs($1 - hypothesis.length), $1)
            } ?? 0
        for n in 1...order {
            counts.totals[n - 1] = hypothesis.count(n)
            counts.matches[n - 1] = hypothesis.matches(n, in: references)
        }
        return counts
    }

    // MARK: Figures

    /// Smoothed shares of n-grams that are right, n from 1 to 4, in per cent.
    package var precisions: [Double] { Self.precisions(of: total, options).values }

    package var brevityPenalty: Double { Self.brevityPenalty(of: total) }

    /// Tokens of the hypotheses divided by those of the references; 0 if these have none.
    package var lengthRatio: Double {
        total.referenceLength == 0 ? 0 : Double(total.hypothesisLength) / Double(total.referenceLength)
    }

    /// How the score came about: `nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0+steno`.
    package var signature: String {
        SacreBLEUSignature.text(
            references: counted.referenceCounts, lowercases: options.lowercases,
            [
                ("eff", options.usesEffectiveOrder ? "yes" : "no"), ("tok", options.tokeniser.rawValue),
                ("smooth", options.smoothing.rawValue),
            ])
    }

    package static func score(of counts: Counts, _ options: Options) -> Double {
        guard counts.matches != SIMD4() else { return 0 }
        let (values, effectiveOrder) = precisions(of: counts, options)
        let logarithms = values.prefix(effectiveOrder).reduce(0) { $0 + log($1) }
        return brevityPenalty(of: counts) * exp(logarithms / Double(effectiveOrder))
    }

    /// - Returns: also how many of them the score is made of.
    private static func precisions(of counts: Counts, _ options: Options) -> (values: [Double], order: Int) {
        var values = [Double](repeating: 0, count: order)
        var effectiveOrder = order
        var smoothing = 1.0
        guard counts.matches != SIMD4() else { return (values, effectiveOrder) }
        for n in 0..<order where counts.totals[n] > 0 {
            if options.usesEffectiveOrder { effectiveOrder = n + 1 }
            let (matches, total) = (Double(counts.matches[n]), Double(counts.totals[n]))
            if matches > 0 {
                values[n] = 100 * matches / total
            } else if options.smoothing == .exponential {
                smoothing *= 2
                values[n] = 100 / (smoothing * total)
            }
        }
        return (values, effectiveOrder)
    }

    private static func brevityPenalty(of counts: Counts) -> Double {
        guard counts.hypothesisLength < counts.referenceLength else { return 1 }
        guard counts.hypothesisLength > 0 else { return 0 }
        return exp(1 - Double(counts.referenceLength) / Double(counts.hypothesisLength))
    }
}

extension BLEU: CustomStringConvertible {
    /// One line as sacreBLEU prints it.
    package var description: String {
        let shares = precisions.map { String(format: "%.1f", $0) }.joined(separator: "/")
        return "BLEU|\(signature) = "
            + String(format: "%.2f %@ (BP = %.3f ratio = %.3f ", score, shares, brevityPenalty, lengthRatio)
            + "hyp_len = \(total.hypothesisLength) ref_len = \(total.referenceLength))"
    }
}
