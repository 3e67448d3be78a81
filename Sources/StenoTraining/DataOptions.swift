import StenoText

/// What to train and to evaluate on: the section `data` of a recipe.
package struct DataOptions: Codable, Hashable, Sendable {
    /// To train on; relative paths are relative to the recipe.
    package var train: [DataFile] = []
    /// The same to evaluate on while training.
    package var dev: [DataFile] = []
    /// Columns of files of text pairs, counted from 1.
    package var sourceColumn = 1
    package var targetColumn = 2
    /// Only these corpora of the manifests; all if empty.
    package var corpora: [String] = []
    /// Regular expression: what of the training data has an id that matches is held out as dev. The id of a pair of texts
    /// is its file and line, such as `train.tsv:12`.
    package var heldOut = ""
    /// Longer utterances are left out of training.
    package var longestSeconds = 20.0
    /// Shorter utterances are left out of training.
    package var shortestSeconds = 0.1
    /// Text pairs of which a side has more tokens are left out of training.
    package var longestTokens = 500
    /// Text pairs of which a side has fewer tokens are left out of training.
    package var shortestTokens = 1
    /// Megabytes of features that are kept between epochs (in half precision).
    package var cacheMegabytes = 4000
    package var vocabulary = VocabulariesOptions()

    package init() {}

    /// What of these options makes no sense, or nil.
    var complaint: String? {
        let checks: [(Bool, String)] = [
            ((1...1000).contains(sourceColumn), "data.sourceColumn must be from 1 to 1000"),
            ((1...1000).contains(targetColumn), "data.targetColumn must be from 1 to 1000"),
            (longestSeconds > shortestSeconds, "data.longestSeconds must be above data.shortestSeconds"),
            (heldOut.isEmpty || (try? Regex(heldOut)) != nil, "data.heldOut must be a regular expression"),
            (shortestTokens >= 1, "data.shortestTokens must be at least 1"),
            (longestTokens <= 100_000, "data.longestTokens must be at most 100000"),
            (longestTokens >= shortestTokens, "data.longestTokens must not be below data.shortestTokens"),
            ((0...10_000_000).contains(cacheMegabytes), "data.cacheMegabytes must be from 0 to 10000000"),
        ]
        return checks.first { !$0.0 }?.1 ?? vocabulary.complaint
    }
}

/// Data as a recipe names it: the path of a file, or `{source: train.de, target: train.en}`.
package enum DataFile: Hashable, Sendable {
    /// A manifest (audio), or a file with a pair of texts in each line.
    case file(String)
    /// Two files whose lines belong together.
    case parallel(source: String, target: String)

    var isOneFile: Bool {
        switch self {
        case .file: true
        case .parallel: false
        }
    }

    /// The same data with other paths.
    func map(_ change: (String) -> String) -> DataFile {
        switch self {
        case .file(let path): .file(change(path))
        case .parallel(let source, let target): .parallel(source: change(source), target: change(target))
        }
    }
}

extension DataFile: ExpressibleByStringLiteral {
    package init(stringLiteral path: String) { self = .file(path) }
}

extension DataFile: Codable {
    private struct Side: CodingKey, Equatable {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }

        static let source = Side(stringValue: "source"), target = Side(stringValue: "target")
    }

    package init(from decoder: any Decoder) throws {
        guard let sides = try? decoder.container(keyedBy: Side.self) else {
            self = .file(try decoder.singleValueContainer().decode(String.self))
            return
        }
        let given = sides.allKeys.map(\.stringValue).sorted()
        guard given == [Side.source.stringValue, Side.target.stringValue] else {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: decoder.codingPath,
                    debugDescription: "must be a path, or have a source and a target, not "
                        + (given.isEmpty ? "nothing" : given.joined(separator: ", "))))
        }
        self = .parallel(
            source: try sides.decode(String.self, forKey: .source),
            target: try sides.decode(String.self, forKey: .target))
    }

    package func encode(to encoder: any Encoder) throws {
        switch self {
        case .file(let path):
            var container = encoder.singleValueContainer()
            try container.encode(path)
        case .parallel(let source, let target):
            var container = encoder.container(keyedBy: Side.self)
            try container.encode(source, forKey: .source)
            try container.encode(target, forKey: .target)
        }
    }
}

/// The vocabularies of both sides. In a recipe, fields of ``VocabularyOptions`` that stand here are of either side.
package struct VocabulariesOptions: Codable, Hashable, Sendable {
    /// Whether both sides share one, learned from the texts of both.
    package var joint = false
    /// Of what a text model reads.
    package var source = VocabularyOptions()
    /// Of what a model writes.
    package var target = VocabularyOptions()

    package init() {}

    fileprivate var complaint: String? {
        if joint && source != target { return "data.vocabulary.joint needs the same settings for source and target" }
        return source.complaint(at: "data.vocabulary.source") ?? target.complaint(at: "data.vocabulary.target")
    }
}

/// How the tokens of one side are found.
package struct VocabularyOptions: Codable, Hashable, Sendable {
    package var kind = Vocabulary.Kind.characters
    /// Most words or subwords, special tokens included.
    package var size = 8000
    /// Rarer characters and words are unknown.
    package var minimumCount = 1
    /// A model of SentencePiece to use, instead of learning one.
    package var model = ""
    package var subwords = SubwordOptions()
    /// What is done to texts before all else, when they are used too.
    package var normalisation: [TextNormalisation.Step] = []

    package init() {}

    fileprivate func complaint(at place: String) -> String? {
        let checks: [(Bool, String)] = [
            ((5...1_000_000).contains(size), "size must be from 5 to 1000000"),
            (minimumCount >= 1, "minimumCount must be at least 1"),
            (
                subwords.characterCoverage > 0 && subwords.characterCoverage <= 1,
                "subwords.characterCoverage must be above 0 and at most 1"
            ),
            (model.isEmpty || kind == .subwords, "model needs the kind subwords"),
            (
                Set(normalisation).count == normalisation.count,
                "normalisation must name no step twice"
            ),
        ]
        return checks.first { !$0.0 }.map { "\(place).\($0.1)" }
    }
}
