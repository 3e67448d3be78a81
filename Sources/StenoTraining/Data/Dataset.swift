import AudioFrontEnd
import StenoModels
import StenoTensor
import StenoText

/// One pair of source and text as training sees it.
package struct Example: Sendable {
    package enum Origin: Sendable {
        case audio(ManifestEntry)
        case text(source: String, ids: [Int32])
    }

    package let id: String
    package let origin: Origin
    /// As the vocabulary's normalisation has it.
    package let text: String
    /// `text` in ids, without start and end.
    package let tokens: [Int32]
    /// Frames of the source at speed 1, by the duration that the manifest states, or its tokens.
    package let length: Int
}

/// A source ready to be put into a batch.
package enum PreparedSource: Sendable {
    case features(Features)
    case tokens([Int32])

    package var length: Int {
        switch self {
        case .features(let features): features.frames
        case .tokens(let tokens): tokens.count
        }
    }
}

/// Pairs to train or to evaluate on.
package struct Dataset: Sendable {
    package private(set) var examples: [Example] = []
    /// What cannot be used, and why; never silently.
    package private(set) var setAside: [(id: String, reason: String)] = []
    /// How audio is read; nil for text.
    package let audio: AudioFeatures?

    /// Utterances; those outside of `durations`, with characters that the vocabulary lacks, or too short for CTC to
    /// align at the `fastest` speed are set aside.
    package init(
        _ entries: [ManifestEntry], audio: AudioFeatures, vocabulary: Vocabulary, durations: ClosedRange<Double>,
        fastest: Double, steps: (_ frames: Int) -> Int
    ) {
        self.audio = audio
        for entry in entries {
            guard durations.contains(entry.durationSeconds) else {
                setAside.append((entry.id, "lasts \(entry.durationSeconds) s"))
                continue
            }
            guard let tokens = tokens(of: entry.text, id: entry.id, vocabulary) else { continue }
            let fewest = steps(audio.frames(seconds: entry.durationSeconds / fastest))
            let needed = tokens.count + zip(tokens, tokens.dropFirst()).count { $0 == $1 }
            guard fewest >= needed else {
                setAside.append((entry.id, "has \(needed) symbols to align but only \(fewest) encoder steps"))
                continue
            }
            examples.append(
                Example(
                    id: entry.id, origin: .audio(entry), text: vocabulary.normalisation(entry.text), tokens: tokens,
                    length: audio.frames(seconds: entry.durationSeconds)))
        }
    }

    /// Pairs of texts; those without text on a side, or with a number of tokens that is not in `allowed`, are set aside.
    package init(_ pairs: [TextPair], source: Vocabulary, vocabulary: Vocabulary, tokens allowed: ClosedRange<Int>) {
        audio = nil
        for pair in pairs {
            guard let ids = tokens(of: pair.source, id: pair.id, source, side: "source"),
                let tokens = tokens(of: pair.target, id: pair.id, vocabulary, side: "target")
            else { continue }
            let (fewest, most) = (min(ids.count, tokens.count), max(ids.count, tokens.count))
            guard most <= allowed.upperBound else {
                setAside.append((pair.id, "has more than \(allowed.upperBound) tokens on a side"))
                continue
            }
            guard fewest >= allowed.lowerBound else {
                setAside.append((pair.id, "has fewer than \(allowed.lowerBound) tokens on a side"))
                continue
            }
            examples.append(
                Example(
                    id: pair.id, origin: .text(source: pair.source, ids: ids),
                    text: vocabulary.normalisation(pair.target), tokens: tokens, length: ids.count))
        }
    }

    /// - Parameter side: of a pair of texts.
    private mutating func tokens(of text: String, id: String, _ vocabulary: Vocabulary, side: String = "") -> [Int32]? {
        do {
            let tokens = try vocabulary.encode(text).map(Int32.init)
            if !tokens.isEmpty && text.unicodeScalars.contains(where: { !$0.properties.isWhitespace }) { return tokens }
            setAside.append((id, side.isEmpty ? "has no text" : "has no text on the \(side) side"))
            return nil
        } catch {
            setAside.append((id, "\(error)"))
            return nil
        }
    }

    /// What is set aside, in at most so many lines and one more: reasons that several share in one line.
    package func setAsideLines(most: Int) -> [String] {
        var order: [String] = []
        var groups: [String: (first: String, count: Int)] = [:]
        for (id, reason) in setAside {
            if groups[reason] == nil { order.append(reason) }
            groups[reason, default: (id, 0)].count += 1
        }
        let lines = order.prefix(most).compactMap { reason in
            groups[reason].map {
                $0.count == 1 ? "\($0.first): it \(reason)" : "\($0.count), the first \($0.first): each \(reason)"
            }
        }
        let rest = order.dropFirst(most).reduce(0) { $0 + (groups[$1]?.count ?? 0) }
        return rest == 0 ? lines : lines + ["\(rest) more for such reasons"]
    }

    /// The source of an example, before normalisation.
    package func source(_ index: Int, speed: Double = 1) throws(AudioError) -> PreparedSource {
        switch (examples[index].origin, audio) {
        case (.audio(let entry), let audio?): .features(try audio(entry, speed: speed))
        case (.text(_, let ids), _): .tokens(ids)
        case (.audio, nil): preconditionFailure("a dataset of audio reads audio")
        }
    }

    /// Hours of audio; 0 for text.
    package var hours: Double {
        examples.reduce(0) {
            guard case .audio(let entry) = $1.origin else { return $0 }
            return $0 + entry.durationSeconds / 3600
        }
    }

    /// The length of the longest recording; 0 for text.
    package var longestSeconds: Double {
        examples.reduce(0) { longest, example in
            if case .audio(let entry) = example.origin { max(longest, entry.durationSeconds) } else { longest }
        }
    }
}

extension ModelInput {
    /// Normalises features; tokens stay as they are.
    package func normalise(_ source: inout PreparedSource) throws(AudioError) {
        guard case .audio(_, let normalisation) = self, case .features(var features) = source else { return }
        try normalisation.apply(to: &features)
        source = .features(features)
    }
}

extension Source {
    /// A batch, padded to the longest.
    package init(_ sources: [PreparedSource], on tape: Tape) {
        let lengths = sources.map(\.length)
        let longest = lengths.max() ?? 0
        if case .features(let first)? = sources.first {
            let batch = tape.zeros([sources.count, longest, first.bins])
            for (item, source) in sources.enumerated() {
                guard case .features(let features) = source else { preconditionFailure("a batch of one kind") }
                features.values.withUnsafeBufferPointer {
                    if let base = $0.baseAddress { batch[item].pointer.update(from: base, count: $0.count) }
                }
            }
            self = .frames(batch, lengths: lengths)
        } else {
            let padding = Int32(Vocabulary.padding)
            let ids = sources.flatMap { source in
                guard case .tokens(let tokens) = source else { preconditionFailure("a batch of one kind") }
                return tokens + [Int32](repeating: padding, count: longest - tokens.count)
            }
            self = .tokens(ids, lengths: lengths)
        }
    }
}
