import AudioFrontEnd
import StenoDecoding
import StenoModels
import StenoTensor
import StenoText
import StenoTraining
import Synchronization

/// Recordings whose text is known, through a model's encoder: whole, in batches spread over threads.
struct KnownTexts: Sendable {
    let model: SpeechModel
    let workers: Workers
    /// Recordings of one batch.
    private static let batchSize = 8

    struct Pair: Sendable {
        let recording: Recording
        let text: String
    }

    /// What `judge` says of each pair, in order.
    ///
    /// - Parameter judge: gets a batch's encoded recordings and the tokens of its texts.
    func map<Judgement: Sendable>(
        _ pairs: [Pair], judge: @escaping @Sendable (Encoded, [[Int32]], Tape) -> [Judgement]
    ) -> [Result<Judgement, StenoError>] {
        let starts = Array(stride(from: 0, to: pairs.count, by: Self.batchSize))
        let found = Mutex<[Int: Result<Judgement, StenoError>]>([:])
        let pool = Pool()
        workers.run(jobs: starts.count) { job in
            let indices = starts[job]..<min(starts[job] + Self.batchSize, pairs.count)
            var (sources, tokens, numbers): ([PreparedSource], [[Int32]], [Int]) = ([], [], [])
            for index in indices {
                do throws(StenoError) {
                    let (source, ids) = try prepare(pairs[index])
                    sources.append(source)
                    tokens.append(ids)
                    numbers.append(index)
                } catch {
                    found.withLock { $0[index] = .failure(error) }
                }
            }
            guard !numbers.isEmpty else { return }
            let tape = Tape(model.trained.weights, pool: pool)
            let encoded = model.trained.model.encode(Source(sources, on: tape), on: tape)
            let judgements = judge(encoded, tokens, tape)
            found.withLock { for (number, judgement) in zip(numbers, judgements) { $0[number] = .success(judgement) } }
        }
        return found.withLock { found in
            pairs.indices.map { found[$0] ?? .failure(.corpus("a recording was not judged")) }
        }
    }

    private func prepare(_ pair: Pair) throws(StenoError) -> (PreparedSource, [Int32]) {
        let reader = try RecordingReader(pair.recording, extractor: model.extractor, segmentation: .whole)
        var segments: [SpeechSegment] = []
        while let more = try reader.next() { segments += more }
        guard let features = segments.first?.features else { preconditionFailure("a recording without features") }
        var source = PreparedSource.features(features)
        do throws(AudioError) { try model.trained.input.normalise(&source) } catch { throw .audio(error) }
        let tokens: [Int]
        do throws(VocabularyError) { tokens = try model.trained.vocabulary.encode(pair.text) } catch {
            throw .corpus("\(reader.path): \(error)")
        }
        return (source, tokens.map(Int32.init))
    }
}

extension PauseSegmenter.Options {
    /// Nothing is cut.
    static var whole: Self {
        var options = Self()
        options.longestFrames = Int.max
        return options
    }
}

extension Recording {
    /// An utterance of a manifest.
    init(_ entry: ManifestEntry) {
        self.init(path: entry.audioPath)
        startSeconds = entry.startSeconds
        // A manifest's durations are rounded: a whole file must not lose its end to that.
        durationSeconds = entry.durationSeconds + (entry.startSeconds > 0 ? 0 : 0.1)
    }
}
