import Foundation

/// How near translations come to reference translations, by n-grams of characters (and of words); 0 to 100.
///
///     chrF = 100 · (1 + β²) P R / (β² P + R),   β = 2
///
/// P and R are means over the orders (1 to 6 of characters without white space, in chrF++ 1 and 2 of words too) of the
/// shares of the hypotheses' n-grams that the references have and of the references' that the hypotheses have. Orders
/// of which one side has none are left out. Popović 2015, "chrF: character n-gram F-score for automatic MT
/// evaluation"; 2017, "chrF++: words helping character n-grams"; figures and defaults are those of sacreBLEU.
package struct ChrF: CorpusScore {
    package struct Options: ScoreOptions, Codable {
        /// Highest order of n-grams of words, 0 to 2; 2 is chrF++.
        package var wordOrder = 0
        package var lowercases = false

        package init() {}
    }

    /// What is summed over lines: n-grams, those of characters first, then those of words.
    package struct Counts: CorpusCounts, Codable {
        /// Of orders that the reference has as well.
        package var hypothesis = SIMD8<Int>()
        package var reference = SIMD8<Int>()
        package var matches = SIMD8<Int>()

        package init() {}

        package static func += (total: inout Counts, more: Counts) {
            total.hypothesis &+= more.hypothesis
            total.reference &+= more.reference
            total.matches &+= more.matches
        }
    }

    package static let characterOrder = 6
    package static let beta = 2

    package let options: Options
    package let counted: CountedLines<Counts>

    package init(options: Options, counted: CountedLines<Counts>) {
        precondition((0...2).contains(options.wordOrder), "n-grams of one or two words, or none")
        (self.options, self.counted) = (options, counted)
    }

    /// Of several references the first of those with the highest score stands for all.
    package static func counts(of hypothesis: String, against references: [String], _ options: Options) -> Counts {
        var number = Numbering<ArraySlice<Unicode.Scalar>>()
        func nGrams(_ line: String) -> [NGrams] {
            let scalars = options.lowercases ? Array(line.unicodeScalars).lowercased : Array(line.unicodeScalars)
            let characters = NGrams(
                scalars.lazy.filter { !$0.isSpaceForComparing }.map(\.value), order: characterOrder)
            guard options.wordOrder > 0 else { return [characters] }
            let words = scalars.words.flatMap(withoutPunctuation)
            return [characters, NGrams(words.map { UInt32(number($0)) }, order: options.wordOrder)]
        }
        let hypothesis = nGrams(hypothesis)
        var best: (counts: Counts, score: Double)?
        for reference in references {
            let counts = counts(hypothesis, nGrams(reference), options)
            let score = Self.score(of: counts, options)
            if score > best?.score ?? -1 { best = (counts, score) }
        }
        return best?.counts ?? Counts()
    }

    private static func counts(_ hypothesis: [NGrams], _ reference: [NGrams], _ options: Options) -> Counts {
        var counts = Counts()
        var place = 0
        for (order, sides) in zip([characterOrder, options.wordOrder], zip(hypothesis, reference)) {
            let (hypothesis, reference) = sides
            for n in 1...order {
                counts.reference[place] = reference.count(n)
                counts.hypothesis[place] = reference.count(n) > 0 ? hypothesis.count(n) : 0
                counts.matches[place] = hypothesis.matches(n, in: [reference])
                place += 1
            }
        }
        return counts
    }

    /// A word without the mark at its end or else at its beginning, and the mark.
    private static func withoutPunctuation(_ word: ArraySlice<Unicode.Scalar>) -> [ArraySlice<Unicode.Scalar>] {
        guard word.count > 1, let first = word.first, let last = word.last else { return [word] }
        if last.isPunctuation { return [word.dropLast(), word.suffix(1)] }
        return first.isPunctuation ? [word.prefix(1), word.dropFirst()] : [word]
    }

    // MARK: Figures

    /// `chrF2`, or `chrF2++` with words.
    package var name: String { "chrF\(Self.beta)" + String(repeating: "+", count: options.wordOrder) }

    /// How the score came about: `nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:2.6.0+steno`.
    package var signature: String {
        SacreBLEUSignature.text(
            references: counted.referenceCounts, lowercases: options.lowercases,
            [
                ("eff", "yes"), ("nc", "\(Self.characterOrder)"), ("nw", "\(options.wordOrder)"), ("space", "no"),
            ])
    }

    package static func score(of counts: Counts, _ options: Options) -> Double {
        var (precision, recall, orders) = (0.0, 0.0, 0.0)
        for place in counts.matches.indices where counts.hypothesis[place] > 0 && counts.reference[place] > 0 {
            precision += Double(counts.matches[place]) / Double(counts.hypothesis[place])
            recall += Double(counts.matches[place]) / Double(counts.reference[place])
            orders += 1
        }
        guard precision + recall > 0 else { return 0 }
        (precision, recall) = (precision / orders, recall / orders)
        let factor = Double(beta * beta)
        return 100 * ((1 + factor) * precision * recall / (factor * precision + recall))
    }
}

extension ChrF: CustomStringConvertible {
    /// One line as sacreBLEU prints it.
    package var description: String { "\(name)|\(signature) = " + String(format: "%.2f", score) }
}

extension Unicode.Scalar {
    /// ASCII's punctuation.
    fileprivate var isPunctuation: Bool {
        switch value {
        case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: true
        default: false
        }
    }
}
