/// How subwords are learned from texts.
package struct SubwordOptions: Codable, Hashable, Sendable {
    package enum Algorithm: String, Codable, CaseIterable, Sendable {
        /// Byte-pair encoding: the most frequent neighbours become one (Sennrich, Haddow, Birch 2016). It only counts, so
        /// that every processor learns the same.
        case bpe
        /// The pieces under which the texts are most likely (Kudo 2018).
        case unigram
    }

    package enum Rule: String, Codable, CaseIterable, Sendable {
        /// Canonical composition; everything else stays, so that texts come back.
        case nfc
        /// Texts stay as they are.
        case none
        /// SentencePiece's own: compatibility forms and kinds of spaces are made one, runs of spaces single.
        case nmtNFKC = "nmt_nfkc"
    }

    package var algorithm = Algorithm.bpe
    /// What SentencePiece is to make of texts first.
    package var rule = Rule.nfc
    /// Share of all characters of the texts that pieces are made of; the rarest are left to bytes, or unknown.
    package var characterCoverage = 0.9995
    /// Whether characters that no piece has go through as the bytes of their UTF-8, which takes 256 pieces.
    package var byteFallback = true

    package init() {}

    /// As SentencePiece names them.
    func arguments(size: Int) -> [String: String] {
        [
            "model_type": algorithm.rawValue,
            "vocab_size": "\(size)",
            // A small corpus may have fewer.
            "hard_vocab_limit": "false",
            "character_coverage": "\(characterCoverage)",
            "byte_fallback": "\(byteFallback)",
            "normalization_rule_name": rule == .nmtNFKC ? rule.rawValue : "identity",
            "remove_extra_whitespaces": "\(rule == .nmtNFKC)",
            // Ids as ``Vocabulary`` has them.
            "pad_id": "\(Vocabulary.padding)", "bos_id": "\(Vocabulary.start)", "eos_id": "\(Vocabulary.end)",
            "unk_id": "\(Vocabulary.specialTokens.count)",
            "pad_piece": Vocabulary.specialTokens[0], "bos_piece": Vocabulary.specialTokens[1],
            "eos_piece": Vocabulary.specialTokens[2], "unk_piece": Vocabulary.unknownToken,
            // Part of the result of `unigram`, whose sums they share.
            "num_threads": "8",
            // Errors only.
            "minloglevel": "2",
        ]
    }
}
