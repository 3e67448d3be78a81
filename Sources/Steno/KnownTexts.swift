import AudioFrontEnd
import StenoDecoding
import StenoModels
import StenoTensor
import StenoText
import StenoTraining
import Synchronization

/// Sources whose text is known, through a model's encoder: whole, in batches spread over threads.
struct KnownTexts: Sendable {
    let trained: TrainedModel
    let workers: Workers
    /// Pairs of one batch.
    private static let batchSize = 8
    /// Batches of each thread, after which judgements are handed on.
    private static let batchesAtOnce = 16

    /// Judges each pair, and hands on what was said of it, in order, now and then.
    ///
    /// - Parameters:
    ///   - prepare: what the model reads of a pair, normalised, and the tokens of its text.
    ///   - judge: gets a batch's encoded sources and the tokens of its texts.
    ///   - receive: gets a pair's number and its judgement, on this thread.
    func forEach<Pair: Sendable, Judgement: Sendable, Failure>(
        _ pairs: [Pair], prepare: @escaping @Sendable (Pair) throws(StenoError) -> (PreparedSource, [Int32]),
        judge: @escaping @Sendable (Encoded, [[Int32]], Tape) -> [Judgement],
        receive: (Int, Result<Judgement, StenoError>) throws(Failure) -> Void
    ) throws(Failure) {
        let size = Self.batchSize * Self.batchesAtOnce * workers.count
        for start in stride(from: 0, to: pairs.count, by: size) {
            let some = pairs[start..<min(start + size, pairs.count)]
            let judgements = judgements(of: some, prepare: prepare, judge: judge)
            for (index, judgement) in judgements.enumerated() { try receive(start + index, judgement) }
        }
    }

    private func judgements<Pair: Sendable, Judgement: Sendable>(
        of pairs: ArraySlice<Pair>,
        prepare: @escaping @Sendable (Pair) throws(StenoError) -> (PreparedSource, [Int32]),
        judge: @escaping @Sendable (Encoded, [[Int32]], Tape) -> [Judgement]
    ) -> [Result<Judgement, StenoError>] {
        let starts = Array(stride(from: pairs.startIndex, to: pairs.endIndex, by: Self.batchSize))
        let found = Mutex<[Int: Result<Judgement, StenoError>]>([:])
        workers.run(jobs: starts.count) { job in
            let indices = starts[job]..<min(starts[job] + Self.batchSize, pairs.endIndex)
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
            let tape = Tape(trained.weights)
            let encoded = trained.model.encode(Source(sources, on: tape), on: tape)
            let judgements = judge(encoded, tokens, tape)
            found.withLock { for (number, judgement) in zip(numbers, judgements) { $0[number] = .success(judgement) } }
        }
        return found.withLock { found in
            pairs.indices.map { found[$0] ?? .failure(.corpus("a pair was not judged")) }
        }
    }
}

extension SpeechModel {
    /// A recording whose text is known.
    struct Pair: Sendable {
        let recording: Recording
        let text: String
    }

    /// What the model reads of a recording, and the tokens of its text.
    func prepare(_ pair: Pair) throws(StenoError) -> (PreparedSource, [Int32]) {
        let reader = try RecordingReader(pair.recording, extractor: extractor, segmentation: .whole)
        var segments: [SpeechSegment] = []
        while let more = try reader.next() { segments += more }
        guard let features = segments.first?.features else { preconditionFailure("a recording without features") }
        var source = PreparedSource.features(features)
        do throws(AudioError) { try trained.input.normalise(&source) } catch { throw .audio(error) }
        let tokens: [Int]
        do throws(VocabularyError) { tokens = try trained.vocabulary.encode(pair.text) } catch {
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
        durationSeconds =
            entry.durationSeconds.isFinite ? entry.durationSeconds + (entry.startSeconds > 0 ? 0 : 0.1) : nil
    }
}
