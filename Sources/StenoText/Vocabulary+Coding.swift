import Foundation

extension Vocabulary: Codable {
    private enum CodingKeys: String, CodingKey {
        case kind
        case normalisation
        case tokens
        case composes
        case model
    }

    /// As JSON: `{"kind": "characters", "tokens": ["<blank>", "<s>", "</s>", " ", …]}`, and of subwords
    /// `{"kind": "subwords", "composes": true, "model": "subwords.d1f0…"}`: the name of what
    /// ``JSONDecoder/init(subwordModels:)`` needs beside it. Steps of the ``normalisation`` are named if there are any.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(kind, forKey: .kind)
        if !normalisation.steps.isEmpty { try container.encode(normalisation.steps, forKey: .normalisation) }
        if let subwords {
            try container.encode(subwords.composes, forKey: .composes)
            try container.encode(subwords.name, forKey: .model)
        } else {
            try container.encode(tokens, forKey: .tokens)
        }
    }

    /// Throws `DecodingError` when this is not a vocabulary, or its subword model is not at hand.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let kind = try container.decode(Kind.self, forKey: .kind)
        do {
            if kind == .subwords {
                let name = try container.decode(String.self, forKey: .model)
                guard let model = decoder.subwordModels[name] else {
                    throw VocabularyError.subwords("\(name) is missing")
                }
                let subwords = try Subwords(model: model, composes: container.decode(Bool.self, forKey: .composes))
                guard subwords.name == name else { throw VocabularyError.subwords("\(name) is damaged") }
                self.init(subwords)
            } else {
                try self.init(kind: kind, tokens: try container.decode([String].self, forKey: .tokens))
            }
            let steps = try container.decodeIfPresent([TextNormalisation.Step].self, forKey: .normalisation)
            normalisation = TextNormalisation(steps ?? [])
        } catch let error as VocabularyError {
            throw DecodingError.dataCorruptedError(
                forKey: kind == .subwords ? .model : .tokens, in: container, debugDescription: error.description)
        }
    }
}

extension JSONDecoder {
    fileprivate static let subwordModels = "steno.subwordModels"

    /// A decoder of vocabularies.
    ///
    /// - Parameter subwordModels: the bytes of subword models by their ``Subwords/name``.
    package convenience init(subwordModels: [String: [UInt8]]) {
        self.init()
        if let key = CodingUserInfoKey(rawValue: Self.subwordModels) { userInfo[key] = subwordModels }
    }
}

extension Decoder {
    fileprivate var subwordModels: [String: [UInt8]] {
        let given = CodingUserInfoKey(rawValue: JSONDecoder.subwordModels).flatMap { userInfo[$0] }
        return given as? [String: [UInt8]] ?? [:]
    }
}
