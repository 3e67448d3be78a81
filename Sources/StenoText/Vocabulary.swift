/// The tokens that a model reads or writes, each with a number (its id).
///
/// Ids are fixed by position: 0 is the blank of CTC and the padding of batches, 1 starts a sequence, 2 ends one; then
/// comes the unknown token if the vocabulary has one, then the characters in the order of their code points. A
/// character is a Unicode scalar of the composed form (NFC), so that every text, in any script, comes back from
/// `decode(encode(text))` as it was up to canonical equivalence; an emoji may take several tokens.
///
/// For English read speech see ``englishSpeech``: 31 entries, none of them unknown, because a recogniser writes text
/// and never has to read what it does not know.
package struct Vocabulary: Equatable, Sendable {
    package static let blank = 0
    package static let padding = 0
    package static let start = 1
    package static let end = 2

    /// Of every id the text that it stands for; special tokens have names in angle brackets.
    package let tokens: [String]
    /// The id that stands for characters outside of the vocabulary, if there is one.
    package let unknown: Int?
    private let ids: [Unicode.Scalar: Int]

    private static let specialTokens = ["<blank>", "<s>", "</s>"]
    private static let unknownToken = "<unk>"

    /// The characters of LibriSpeech's transcripts in lower case: space, apostrophe, a to z.
    package static let englishSpeech = Vocabulary(characters: " 'abcdefghijklmnopqrstuvwxyz".unicodeScalars)

    /// A vocabulary of the characters given, each once.
    package init(characters: some Sequence<Unicode.Scalar>, hasUnknown: Bool = false) {
        let sorted = Set(characters).sorted()
        let specials = Self.specialTokens + (hasUnknown ? [Self.unknownToken] : [])
        tokens = specials + sorted.map { String($0) }
        unknown = hasUnknown ? Self.specialTokens.count : nil
        var ids: [Unicode.Scalar: Int] = [:]
        for (index, character) in sorted.enumerated() { ids[character] = specials.count + index }
        self.ids = ids
    }

    /// The characters of a corpus that occur at least `minimumCount` times in it.
    package init(texts: some Sequence<String>, minimumCount: Int = 1, hasUnknown: Bool = false) {
        var counts: [Unicode.Scalar: Int] = [:]
        for text in texts {
            for scalar in text.composed.unicodeScalars { counts[scalar, default: 0] += 1 }
        }
        self.init(characters: counts.filter { $0.value >= minimumCount }.keys, hasUnknown: hasUnknown)
    }

    /// A vocabulary as a file states it: the tokens of all ids in order, special ones included.
    package init(tokens: [String]) throws(VocabularyError) {
        guard tokens.starts(with: Self.specialTokens) else {
            throw .specialTokens(expected: Self.specialTokens, found: Array(tokens.prefix(Self.specialTokens.count)))
        }
        let hasUnknown = tokens.dropFirst(Self.specialTokens.count).first == Self.unknownToken
        let first = Self.specialTokens.count + (hasUnknown ? 1 : 0)
        var ids: [Unicode.Scalar: Int] = [:]
        for (id, token) in tokens.enumerated().dropFirst(first) {
            guard let character = token.unicodeScalars.first, token.unicodeScalars.count == 1 else {
                throw .notACharacter(token: token, id: id)
            }
            guard ids.updateValue(id, forKey: character) == nil else { throw .duplicate(token: token, id: id) }
        }
        self.tokens = tokens
        self.unknown = hasUnknown ? Self.specialTokens.count : nil
        self.ids = ids
    }

    /// The number of ids, special ones included.
    package var count: Int { tokens.count }

    /// All characters, in the order of their ids.
    package var characters: String { decode((0..<count).filter { !isSpecial($0) }) }

    /// Whether an id stands for blank, start, end or unknown.
    package func isSpecial(_ id: Int) -> Bool {
        id < Self.specialTokens.count || id == unknown
    }

    /// The ids of a text, without start and end.
    ///
    /// Characters outside of the vocabulary become ``unknown``; without that token they are an error that names all of
    /// them.
    package func encode(_ text: String) throws(VocabularyError) -> [Int] {
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
    }

    /// The text of ids; special tokens but the unknown one are left out, unknown ones become U+FFFD.
    ///
    /// - Precondition: all ids are within `0..<count`.
    package func decode(_ ids: some Sequence<Int>) -> String {
        var text = ""
        for id in ids {
            if id == unknown {
                text += "\u{FFFD}"
            } else if !isSpecial(id) {
                text += tokens[id]
            }
        }
        return text
    }

    /// The characters of a text that are not in the vocabulary, each once, in order of code points.
    package func charactersMissing(from text: String) -> [Unicode.Scalar] {
        Set(text.composed.unicodeScalars).filter { ids[$0] == nil }.sorted()
    }
}

extension Vocabulary: Codable {
    private enum CodingKeys: String, CodingKey {
        case kind
        case tokens
    }

    private static let kind = "characters"

    /// As JSON: `{"kind": "characters", "tokens": ["<blank>", "<s>", "</s>", " ", …]}`.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(Self.kind, forKey: .kind)
        try container.encode(tokens, forKey: .tokens)
    }

    /// Throws `DecodingError` when the tokens are not a vocabulary's.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let kind = try container.decode(String.self, forKey: .kind)
        guard kind == Self.kind else {
            throw DecodingError.dataCorruptedError(
                forKey: .kind, in: container,
                debugDescription: "expected a vocabulary of kind “\(Self.kind)”, found “\(kind)”")
        }
        let tokens = try container.decode([String].self, forKey: .tokens)
        do {
            try self.init(tokens: tokens)
        } catch {
            throw DecodingError.dataCorruptedError(
                forKey: .tokens, in: container, debugDescription: error.description)
        }
    }
}
