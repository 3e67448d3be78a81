import StenoText

/// What can be said about a manifest before a model is trained on it: what is wrong, and what is in it.
package struct ManifestCheck: Equatable, Sendable {
    /// One thing that is wrong with an utterance.
    package struct Problem: Equatable, Sendable {
        package enum Kind: Equatable, Sendable {
            /// The audio is missing or cannot be read; the reader's words.
            case unreadable(String)
            /// The file lasts otherwise than the manifest says, in seconds.
            case otherDuration(stated: Double, measured: Double)
            case noDuration
            case noText
            /// More characters a second than anyone speaks.
            case tooFast(charactersPerSecond: Double)
            /// The text has characters or words that the vocabulary lacks.
            case unknownTokens([String])
        }

        package let id: String
        package let kind: Kind
    }

    /// What one corpus adds up to.
    package struct Totals: Codable, Equatable, Sendable {
        package var utterances = 0
        package var seconds = 0.0
        package var words = 0
        package var speakers = 0
    }

    package private(set) var problems: [Problem] = []
    /// By the name of the corpus.
    package private(set) var totals: [String: Totals] = [:]
    /// How often every character occurs in the texts.
    package private(set) var characters: [Unicode.Scalar: Int] = [:]

    /// The most characters a second that are taken as possible; read speech has about 15.
    package static let mostCharactersPerSecond = 40.0
    /// A difference of durations up to this many seconds or this part of the whole is none (codecs pad).
    private static let durationTolerance = (seconds: 0.1, part: 0.01)

    /// Looks at every utterance.
    ///
    /// - Parameters:
    ///   - vocabulary: what a model can write; nil when it will be made from these texts.
    ///   - duration: gives the length in seconds of the audio file at a path, or throws.
    package init(
        _ manifest: Manifest, vocabulary: Vocabulary? = nil, measuring duration: (String) throws -> Double
    ) {
        var speakers: [String: Set<String>] = [:]
        let uses = Dictionary(manifest.entries.map { ($0.audioPath, 1) }, uniquingKeysWith: +)
        // A file with several utterances in a row is opened once.
        var last: (path: String, measured: Result<Double, any Error>)?
        for entry in manifest.entries {
            let measured: Result<Double, any Error>
            if let last, last.path == entry.audioPath {
                measured = last.measured
            } else {
                measured = Result { try duration(entry.audioPath) }
                last = (entry.audioPath, measured)
            }
            let isPart = entry.startSeconds > 0 || uses[entry.audioPath, default: 0] > 1
            problems += Self.audioProblems(of: entry, isPart: isPart, measured: measured)
                .map { Problem(id: entry.id, kind: $0) }
            problems += Self.textProblems(of: entry, vocabulary).map { Problem(id: entry.id, kind: $0) }

            totals[entry.corpus, default: Totals()].utterances += 1
            totals[entry.corpus, default: Totals()].seconds += entry.durationSeconds
            totals[entry.corpus, default: Totals()].words += entry.text.split(whereSeparator: \.isWhitespace).count
            if !entry.speaker.isEmpty { speakers[entry.corpus, default: []].insert(entry.speaker) }
            for scalar in entry.text.unicodeScalars { characters[scalar, default: 0] += 1 }
        }
        for (corpus, names) in speakers { totals[corpus, default: Totals()].speakers = names.count }
    }

    private static func audioProblems(
        of entry: ManifestEntry, isPart: Bool, measured: Result<Double, any Error>
    ) -> [Problem.Kind] {
        let seconds: Double
        switch measured {
        case .failure(let error): return [.unreadable("\(error)")]
        case .success(let value): seconds = value
        }
        guard entry.durationSeconds > 0 else { return [.noDuration] }
        let end = entry.startSeconds + entry.durationSeconds
        let tolerance = max(durationTolerance.seconds, durationTolerance.part * seconds)
        let isWrong = isPart ? end > seconds + tolerance : abs(end - seconds) > tolerance
        return isWrong ? [.otherDuration(stated: entry.durationSeconds, measured: seconds)] : []
    }

    private static func textProblems(of entry: ManifestEntry, _ vocabulary: Vocabulary?) -> [Problem.Kind] {
        var problems: [Problem.Kind] = []
        let count = entry.text.unicodeScalars.count
        if count == 0 { problems.append(.noText) }
        if entry.durationSeconds > 0, Double(count) / entry.durationSeconds > mostCharactersPerSecond {
            problems.append(.tooFast(charactersPerSecond: Double(count) / entry.durationSeconds))
        }
        if let missing = vocabulary?.missing(from: entry.text), !missing.isEmpty {
            problems.append(.unknownTokens(missing))
        }
        return problems
    }
}

extension ManifestCheck.Problem: CustomStringConvertible {
    package var description: String {
        switch kind {
        case .unreadable(let problem): "\(id): \(problem)"
        case .otherDuration(let stated, let measured):
            "\(id): expected \(stated) s of audio, found \(Self.rounded(measured)) s"
        case .noDuration: "\(id): expected a duration of more than 0 s"
        case .noText: "\(id): expected a transcript, found none"
        case .tooFast(let rate): "\(id): \(Self.rounded(rate)) characters a second are more than anyone speaks"
        case .unknownTokens(let tokens):
            "\(id): the vocabulary lacks \(tokens.map { "“\($0)”" }.joined(separator: ", "))"
        }
    }

    private static func rounded(_ value: Double) -> Double {
        (value * 100).rounded() / 100
    }
}
