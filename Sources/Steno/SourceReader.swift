import StenoText

/// Texts to the tokens that a model reads, and to as many that it could have written.
struct SourceReader: Sendable {
    private let vocabulary: Vocabulary
    private let path: String
    private let longest: Int
    private let refusesUnknown: Bool

    /// - Parameters:
    ///   - longest: most tokens of a text.
    ///   - refusesUnknown: characters that the model does not know are an error unless they are known in lower case.
    init(_ model: TextModel, longest: Int, refusesUnknown: Bool) {
        (vocabulary, path) = (model.source, model.path)
        (self.longest, self.refusesUnknown) = (longest, refusesUnknown)
    }

    /// The tokens of a text; none of one without anything but white space.
    func tokens(of source: PlacedText) throws(StenoError) -> [Int32] {
        if source.text.allSatisfy(\.isWhitespace) { return [] }
        return try tokens(of: source) { (text) throws(VocabularyError) in
            if let known = known(text) ?? known(text.lowercased()) { return known }
            let tokens = try vocabulary.encode(text)
            if refusesUnknown, tokens.contains(where: { $0 == vocabulary.unknown }) {
                let missing = vocabulary.missing(from: text)
                let missingInLowerCase = missing.filter { known($0.lowercased()) == nil }
                throw vocabulary.error(missing: missingInLowerCase.isEmpty ? missing : missingInLowerCase, text: text)
            }
            return tokens
        }
    }

    /// The tokens of a text as a model would write it, which may have as many as one that it reads.
    func tokens(of target: PlacedText, writtenIn vocabulary: Vocabulary) throws(StenoError) -> [Int32] {
        try tokens(of: target, by: vocabulary.encode)
    }

    private func tokens(
        of placed: PlacedText, by encode: (String) throws(VocabularyError) -> [Int]
    ) throws(StenoError) -> [Int32] {
        // A token has no more than some tens of bytes: what is far too long is not even looked at.
        guard placed.text.utf8.count <= 64 * longest else {
            throw .text(
                place: placed.place,
                problem: "expected at most \(longest) tokens, found a text of \(placed.text.utf8.count) bytes")
        }
        let tokens: [Int]
        do throws(VocabularyError) { tokens = try encode(placed.text) } catch {
            throw .text(place: placed.place, problem: error.description)
        }
        guard tokens.count <= longest else {
            throw .text(place: placed.place, problem: "expected at most \(longest) tokens, found \(tokens.count)")
        }
        return tokens.map(Int32.init)
    }

    /// Whether a text is not too long.
    func fits(_ text: String) -> Bool {
        (try? tokens(of: PlacedText(text: text, place: ""))) != nil
    }

    /// The tokens of a text if it is to be refused otherwise and has nothing unknown.
    private func known(_ text: String) -> [Int]? {
        guard refusesUnknown, let tokens = try? vocabulary.encode(text) else { return nil }
        return tokens.contains { $0 == vocabulary.unknown } ? nil : tokens
    }

    /// What the tokens of a text are called.
    func labels(of tokens: [Int32]) -> [String] { tokens.map { vocabulary.tokens[Int($0)] } }
}

extension Vocabulary {
    fileprivate func error(missing: [String], text: String) -> VocabularyError {
        kind == .words ? .unknownWords(missing, text: text) : .unknownCharacters(missing.joined(), text: text)
    }
}
