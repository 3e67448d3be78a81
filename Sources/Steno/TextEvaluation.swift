import StenoEvaluation
import StenoTraining

/// Translations of texts held against the right ones, of which a source may have several.
package struct TextEvaluation: Sendable {
    package struct Item: Sendable {
        /// File and line of its first pair.
        package let id: String
        package let source: String
        package let answers: [String]
        package let hypothesis: String
    }

    package struct Options: Sendable {
        package var bleu = BLEU.Options()
        package var chrF = ChrF.Options()
        /// Whether a source on several lines is one item with several right answers.
        package var groupsSources = true

        package init() {}
    }

    package private(set) var items: [Item] = []
    package let report: TextReport
    /// BLEU by words of the source.
    package let byLength: [LengthGroup]
    /// How likely the model finds the right translations, of those that could be scored; nil if there is no model, or
    /// if several search together.
    package private(set) var likelihood: PairScores.Totals?
    /// Time that the translation took, in seconds, where it was measured.
    package private(set) var wallSeconds: Double?
    /// Why texts could not be translated, whose hypotheses are empty, and why right translations could not be scored.
    package private(set) var failures: [StenoError] = []

    /// Translates the sources, each once.
    package init(_ pairs: [TextPair], with translator: Translator, options: Options = Options()) {
        let groups = AnswerGroups(pairs, grouping: options.groupsSources)
        var hypotheses: [String] = []
        var failures: [StenoError] = []
        var failed: Set<String> = []
        let texts = zip(groups.sources, groups.firstPairs).map { PlacedText(text: $0, place: pairs[$1].id) }
        let elapsed = ContinuousClock().measure {
            for (text, outcome) in zip(texts, translator.translate(placed: texts)) {
                do throws(StenoError) { hypotheses.append(try outcome.get().text) } catch {
                    hypotheses.append("")
                    failures.append(error)
                    failed.insert(text.text)
                }
            }
        }
        self.init(pairs, groups, hypotheses: hypotheses, options: options)
        wallSeconds = elapsed / .seconds(1)
        defer { self.failures = failures }
        guard !translator.isEnsemble else { return }
        // A source that could not be read once is not complained of twice.
        let scores = translator.scores(of: pairs.filter { !failed.contains($0.source) }) {
            if case .failure(let error) = $0 { failures.append(error) }
        }
        likelihood = scores.totals
    }

    /// Holds texts that are there already against the right ones.
    ///
    /// - Parameter path: a file of lines of a source, a tab, and its translation, or of the translations alone, as many
    ///   as there are pairs or sources, in their order.
    package init(
        _ pairs: [TextPair], hypotheses path: String, options: Options = Options()
    ) throws(StenoError) {
        let groups = AnswerGroups(pairs, grouping: options.groupsSources)
        let file: TextLines
        do throws(ManifestError) { file = try TextLines(path: path, keepsEmpty: true) } catch {
            throw .manifest(error.description)
        }
        let lines = file.lines.map(\.text)
        if lines.contains(where: { $0.contains("\t") }) {
            let texts = try HypothesisFile.texts(in: file)
            var hypotheses: [String] = []
            for source in groups.sources {
                guard let text = texts[source] else {
                    throw .manifest("\(path): expected a line for “\(source)”, found none")
                }
                hypotheses.append(text)
            }
            self.init(pairs, groups, hypotheses: hypotheses, options: options)
        } else if lines.count == pairs.count {
            self.init(pairs, groups, hypotheses: groups.firstPairs.map { lines[$0] }, options: options)
        } else if lines.count == groups.sources.count {
            self.init(pairs, groups, hypotheses: lines, options: options)
        } else {
            throw .manifest(
                "\(path): expected \(pairs.count) lines for the pairs or \(groups.sources.count) for the sources, "
                    + "found \(lines.count)")
        }
    }

    private init(_ pairs: [TextPair], _ groups: AnswerGroups, hypotheses: [String], options: Options) {
        report = TextReport(
            references: groups.answers, hypotheses: hypotheses, bleu: options.bleu, chrF: options.chrF)
        byLength = LengthGroup.groups(
            sources: groups.sources, references: groups.answers, hypotheses: hypotheses, options: options.bleu)
        for (index, hypothesis) in hypotheses.enumerated() {
            items.append(
                Item(
                    id: pairs[groups.firstPairs[index]].id, source: groups.sources[index],
                    answers: groups.answers[index], hypothesis: hypothesis))
        }
    }

    /// Each hypothesis that is not right below the answer that it is nearest to.
    package func differences(unit: TextUnit, width: Int?) -> [String] {
        func errors(_ item: Item, _ answer: String) -> Int {
            ErrorRate(unit: unit, references: [answer], hypotheses: [item.hypothesis]).total.errors
        }
        return items.filter { !$0.answers.contains($0.hypothesis) }.compactMap { item in
            item.answers.min { errors(item, $0) < errors(item, $1) }.map { nearest in
                let aligned = AlignedDifferences(
                    reference: nearest, hypothesis: item.hypothesis, unit: unit, width: width)
                return "\(item.id) \(item.source)\n\(aligned)\n"
            }
        }
    }
}

extension TextEvaluation: CustomStringConvertible {
    /// The figures for a person, in a few lines.
    package var description: String {
        var lines = [report.description]
        if let likelihood, let perToken = likelihood.perplexityPerToken, let perWord = likelihood.perplexityPerWord {
            lines.append(
                "perplexity \(perToken.rounded(digits: 3)) a token, \(perWord.rounded(digits: 3)) a word, "
                    + "over \(likelihood.pairs) pairs")
        }
        if let wallSeconds {
            lines.append(
                "\(items.count) sources in \(wallSeconds.rounded(digits: 1)) s, "
                    + "\((Double(items.count) / max(wallSeconds, 1e-9)).rounded(digits: 1)) a second")
        }
        return lines.joined(separator: "\n")
    }

    /// BLEU by words of the source, for a person.
    package var lengthTable: String {
        let rows = byLength.map { group in
            let range = group.longest.map { "\(group.shortest) to \($0)" } ?? "\(group.shortest) and more"
            return "\(range) words: BLEU \(group.bleu.rounded(digits: 2)), \(group.lines) lines"
        }
        return rows.joined(separator: "\n")
    }
}

extension TextEvaluation: Encodable {
    private enum CodingKeys: String, CodingKey {
        case likelihood
        case byLength = "by_length"
        case wallSeconds = "wall_seconds"
    }

    /// The report's keys, and those of what a model adds to it.
    package func encode(to encoder: any Encoder) throws {
        try report.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(byLength, forKey: .byLength)
        try container.encodeIfPresent(likelihood, forKey: .likelihood)
        try container.encodeIfPresent(wallSeconds, forKey: .wallSeconds)
    }
}

extension AnswerGroups {
    fileprivate init(_ pairs: [TextPair], grouping: Bool) {
        self.init(pairs.lazy.map { ($0.source, $0.target) }, grouping: grouping)
    }
}
