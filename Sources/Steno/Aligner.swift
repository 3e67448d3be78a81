import AudioFrontEnd
import StenoDecoding
import StenoTensor
import StenoText

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Finds where each word of a known text is said in a recording: the most likely alignment by CTC.
///
///     let words = try Aligner().align(URL(fileURLWithPath: "clip.wav"), text: "the old man and his boat")
///     for word in words { print(word.text, word.startSeconds, word.endSeconds) }
public final class Aligner: Sendable {
    public struct Word: Sendable, Hashable, Codable {
        public var text: String
        /// From the beginning of the recording. CTC marks where a character is recognised, not how long it lasts.
        public var startSeconds: Double
        public var endSeconds: Double
    }

    private let model: SpeechModel
    private let known: KnownTexts

    /// Loads a model; see `Transcriber` for where it is looked for.
    public init(model: URL? = nil, threads: Int? = nil) throws(StenoError) {
        self.model = try SpeechModel(named: model?.path)
        known = KnownTexts(trained: self.model.trained, workers: Workers(count: try threadCount(threads)))
    }

    /// The words of `text` with their times.
    ///
    /// - Parameter text: in the characters that the model writes (lower case for the English one). The whole recording
    ///   is aligned at once, so that it should not be much longer than what the model was trained on.
    public func align(
        _ file: URL, text: String, channel: ChannelSelection = .mix, raw: RawFormat? = nil
    ) throws(StenoError) -> [Word] {
        var recording = Recording(path: file.path)
        recording.channel = channel
        recording.raw = raw
        return try align(recording, text: text)
    }

    /// The same for samples in [-1, 1] of one channel.
    public func align(samples: [Float], sampleRate: Int, text: String) throws(StenoError) -> [Word] {
        try align(Recording(.samples(samples, sampleRate: sampleRate)), text: text)
    }

    private func align(_ recording: Recording, text: String) throws(StenoError) -> [Word] {
        let aligner = StenoDecoding.Aligner(model: model.trained.model)
        let pair = SpeechModel.Pair(recording: recording, text: text)
        var spans: Result<[Range<Int>]?, StenoError> = .success(nil)
        known.forEach([pair], prepare: model.prepare) { encoded, texts, tape in
            aligner(encoded, texts: texts, on: tape).map { $0?.spans }
        } receive: {
            spans = $1
        }
        guard let found = try spans.get() else {
            throw .corpus("the recording is too short for the text “\(text)”")
        }
        let vocabulary = model.trained.vocabulary
        let seconds = model.secondsPerStep
        var words: [Word] = []
        var letters: [[UInt8]] = []
        var isInside = false
        let tokens: [Int]
        do throws(VocabularyError) { tokens = try vocabulary.encode(text) } catch { throw .corpus(error.description) }
        // A token may be several letters, or one byte of one.
        for (token, span) in zip(tokens, found) {
            for byte in vocabulary.spelling(token) {
                guard byte != UInt8(ascii: " ") else {
                    isInside = false
                    continue
                }
                if !isInside {
                    words.append(Word(text: "", startSeconds: Double(span.lowerBound) * seconds, endSeconds: 0))
                    letters.append([])
                }
                isInside = true
                letters[letters.count - 1].append(byte)
                words[words.count - 1].endSeconds = Double(span.upperBound) * seconds
            }
        }
        for index in words.indices { words[index].text = String(decoding: letters[index], as: UTF8.self) }
        return words
    }
}
