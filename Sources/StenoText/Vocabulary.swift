/// The tokens that a model reads or writes, each with a number (its id).
///
/// Ids are fixed by position: 0 is the blank of CTC and the padding of batches, 1 starts a sequence, 2 ends one; then
/// comes the unknown token if the vocabulary has one, then the tokens of its ``Kind``.
///
/// For English read speech see ``englishSpeech``: 31 entries, none of them unknown, because a recogniser writes text
/// and never has to read what it does not know.
package struct Vocabulary: Equatable, Sendable {
    package enum Kind: String, Codable, CaseIterable, Sendable {
        /// Unicode scalars of the composed form (NFC), in the order of their code points: every text, in any script,
        /// comes back from `decode(encode(text))` as it was up to canonical equivalence; an emoji may take several.
        case characters
        /// What stands between white space, composed, the most frequent first; single spaces come back.
        case words
        /// Pieces of SentencePiece; see ``Subwords``.
        case subwords
    }

    package static let blank = 0
    package static let padding = 0
    package static let start = 1
    package static let end = 2

    /// Of every id the text that it stands for; special tokens have names in angle brackets.
    package let tokens: [String]
    /// The id that stands for what is not in the vocabulary, if there is one.
    package let unknown: Int?
    /// What is done to a text before it is encoded.
    package var normalisation = TextNormalisation.none
    private let units: Units

    private enum Units: Equatable, Sendable {
        case characters([Unicode.Scalar: Int])
        case words([String: Int])
        case subwords(Subwords)
    }

    static let specialTokens = ["<blank>", "<s>", "</s>"]
    static let unknownToken = "<unk>"

    /// The characters of LibriSpeech's transcripts in lower case: space, apostrophe, a to z.
    package static let englishSpeech = Vocabulary(characters: " 'abcdefghijklmnopqrstuvwxyz".unicodeScalars)

    // MARK: Making one

    /// A vocabulary of the characters given, each once.
    package init(characters: some Sequence<Unicode.Scalar>, hasUnknown: Bool = false) {
        let sorted = Set(characters).sorted()
        let specials = Self.specialTokens + (hasUnknown ? [Self.unknownToken] : [])
        tokens = specials + sorted.map { String($0) }
        unknown = hasUnknown ? Self.specialTokens.count : nil
        units = .characters(Dictionary(uniqueKeysWithValues: zip(sorted, specials.count...)))
    }

    /// The characters of a corpus that occur at least `minimumCount` times in it.
    package init(texts: some Sequence<String>, minimumCount: Int = 1, hasUnknown: Bool = false) {
        var counts: [Unicode.Scalar: Int] = [:]
        for text in texts {
            for scalar in text.composed.unicodeScalars { counts[scalar, default: 0] += 1 }
        }
        self.init(characters: counts.filter { $0.value >= minimumCount }.keys, hasUnknown: hasUnknown)
    }

    /// The words of a corpus that occur at least `minimumCount` times in it, and an unknown one.
    ///
    /// - Parameter size: most tokens, special ones included: of those that occur equally often, the ones whose code
    ///   points come first.
    package init(wordsOf texts: some Sequence<String>, minimumCount: Int = 1, size: Int) {
        var counts: [String: Int] = [:]
        for text in texts {
            for word in text.words { counts[word, default: 0] += 1 }
        }
        let specials = Self.specialTokens + [Self.unknownToken]
        // Corpora that were made for a vocabulary have these names in their texts.
        for name in specials { counts[name] = nil }
        let sorted = counts.filter { $0.value >= minimumCount }.sorted {
            $0.value != $1.value
                ? $0.value > $1.value : $0.key.unicodeScalars.lexicographicallyPrecedes($1.key.unicodeScalars)
        }
        let words = sorted.prefix(max(0, size - specials.count)).map(\.key)
        tokens = specials + words
        unknown = Self.specialTokens.count
        units = .words(Dictionary(uniqueKeysWithValues: zip(words, specials.count...)))
    }

    /// The pieces of a subword model.
    package init(_ subwords: Subwords) {
        tokens = Self.specialTokens + [Self.unknownToken] + subwords.pieces
        unknown = Self.specialTokens.count
        units = .subwords(subwords)
    }

    /// A vocabulary of characters or words as a file states it: the tokens of all ids in order, special ones included.
    package init(kind: Kind = .characters, tokens: [String]) throws(VocabularyError) {
        guard tokens.starts(with: Self.specialTokens) else {
            throw .specialTokens(expected: Self.specialTokens, found: Array(tokens.prefix(Self.specialTokens.count)))
        }
        let hasUnknown = tokens.dropFirst(Self.specialTokens.count).first == Self.unknownToken
        let first = Self.specialTokens.count + (hasUnknown ? 1 : 0)
        var characters: [Unicode.Scalar: Int] = [:]
        var words: [String: Int] = [:]
        for (id, token) in tokens.enumerated().dropFirst(first) {
            let previous: Int?
            switch kind {
            case .characters:
                guard let character = token.unicodeScalars.first, token.unicodeScalars.count == 1 else {
                    throw .notACharacter(token: token, id: id)
                }
                previous = characters.updateValue(id, forKey: character)
            case .words:
                guard token.words == [token], !Self.specialTokens.contains(token), token != Self.unknownToken else {
                    throw .notAWord(token: token, id: id)
                }
                previous = words.updateValue(id, forKey: token)
            case .subwords: throw .subwords("its tokens alone do not say how a text is cut into them")
            }
            guard previous == nil else { throw .duplicate(token: token, id: id) }
        }
        self.tokens = tokens
        unknown = hasUnknown ? Self.specialTokens.count : nil
        units = kind == .characters ? .characters(characters) : .words(words)
    }

    // MARK: What it is

    package var kind: Kind {
        switch units {
        case .characters: .characters
        case .words: .words
        case .subwords: .subwords
        }
    }

    /// The number of ids, special ones included.
    package var count: Int { tokens.count }

    /// All characters, in the order of their ids, or words and subwords in a row.
    package var characters: String { decode((0..<count).filter { !isSpecial($0) }) }

    /// How texts are cut into subwords, of vocabularies of those.
    package var subwords: Subwords? {
        guard case .subwords(let subwords) = units else { return nil }
        return subwords
    }

    /// Whether an id stands for blank, start, end or unknown.
    package func isSpecial(_ id: Int) -> Bool {
        id < Self.specialTokens.count || id == unknown
    }

    // MARK: Text to ids and back

    /// The ids of a text, without start and end.
    ///
    /// What is outside of the vocabulary becomes ``unknown``; without that token it is an error that names all of it.
    package func encode(_ text: String) throws(VocabularyError) -> [Int] {
        let text = normalisation(text)
        switch units {
        case .characters(let ids):
            var encoded: [Int] = []
            var missing = String.UnicodeScalarView()
            for scalar in text.composed.unicodeScalars {
                if let id = ids[scalar] ?? unknown {
                    encoded.append(id)
                } else if !missing.contains(scalar) {
                    missing.append(scalar)
                }
            }
            guard missing.isEmpty else { throw .unknownCharacters(String(missing), text: text) }
            return encoded
        case .words(let ids):
            var encoded: [Int] = []
            var missing: [String] = []
            for word in text.words {
                if let id = ids[word] ?? unknown {
                    encoded.append(id)
                } else if !missing.contains(word) {
                    missing.append(word)
                }
            }
            guard missing.isEmpty else { throw .unknownWords(missing, text: text) }
            return encoded
        case .subwords(let subwords):
            let first = Self.specialTokens.count + 1
            return try subwords.encode(text).map { $0.map { first + $0 } ?? first - 1 }
        }
    }

    /// The text of ids; special tokens but the unknown one are left out, unknown ones become U+FFFD.
    ///
    /// - Precondition: all ids are within `0..<count`.
    package func decode(_ ids: some Sequence<Int>) -> String {
        let ids = ids.filter { !isSpecial($0) || $0 == unknown }
        func text(_ id: Int) -> String { id == unknown ? "\u{FFFD}" : tokens[id] }
        switch units {
        case .characters: return ids.map(text).joined()
        case .words: return ids.map(text).joined(separator: " ")
        case .subwords(let subwords):
            let first = Self.specialTokens.count + 1
            return subwords.decode(ids.map { $0 == unknown ? nil : $0 - first })
        }
    }

    /// The bytes that an id adds to a text, spaces included: words are each begun by a space, and subwords may be. A byte
    /// of UTF-8 may be a subword.
    package func spelling(_ id: Int) -> [UInt8] {
        guard !isSpecial(id) else { return [] }
        return switch units {
        case .characters: Array(tokens[id].utf8)
        case .words: Array(" \(tokens[id])".utf8)
        case .subwords(let subwords): subwords.spelling(id - Self.specialTokens.count - 1)
        }
    }

    /// What of a text is not in the vocabulary, each once: words, of the other kinds characters in order of code points.
    package func missing(from text: String) -> [String] {
        let text = normalisation(text)
        switch units {
        case .characters(let ids):
            return Set(text.composed.unicodeScalars).filter { ids[$0] == nil }.sorted().map { String($0) }
        case .words(let ids):
            return Set(text.words).filter { ids[$0] == nil }.sorted()
        case .subwords:
            return Set(text.composed.unicodeScalars).sorted().map { String($0) }.filter {
                let ids = try? encode($0)
                return ids?.contains { $0 == unknown } ?? true
            }
        }
    }
}

extension String {
    /// What stands between white space, composed.
    fileprivate var words: [String] {
        composed.unicodeScalars.split(whereSeparator: \.properties.isWhitespace).map { String($0) }
    }
}
