import AudioFrontEnd
import StenoTensor
import Synchronization

/// Many recordings through one model, in rounds: while the segments that the last round read are decoded in batches,
/// the next ones are read. However long the recordings are, two rounds' features are all that is in memory.
final class TranscriptionRun {
    typealias Outcome = Swift.Result<Transcription, StenoError>

    /// Most frames of one batch, padding included, and most segments: what bounds the memory of a batch.
    private static let batchFrames = 6_000
    private static let batchSegments = 16
    /// Frames that one round reads: few at first, so that decoding begins soon, then twice as many each time.
    private static let firstRoundFrames = 6_000
    private static let largestRoundFrames = 96_000
    /// Louder than this above the floor of the logarithm somewhere, or it is digital silence.
    private static let silenceRange: Float = 0.01

    private struct Text: Sendable {
        let text: String
        let score: Double
    }

    private struct Pending: Sendable {
        let recording: Int
        let number: Int
        let features: Features
    }

    /// What is known of a recording that is being worked on.
    private struct Progress: Sendable {
        var bounds: [(start: Double, end: Double)] = []
        var results: [Text?] = []
        /// Length and warnings, once all is read.
        var ending: (durationSeconds: Double, warnings: [String])?
        var error: StenoError?

        var outcome: Outcome? {
            if let error { return .failure(error) }
            guard let ending, results.allSatisfy({ $0 != nil }) else { return nil }
            let results = results.compactMap(\.self)
            return .success(
                Transcription(
                    segments: zip(bounds, results).map {
                        .init(startSeconds: $0.start, endSeconds: $0.end, text: $1.text)
                    },
                    durationSeconds: ending.durationSeconds, score: results.reduce(0) { $0 + $1.score },
                    warnings: ending.warnings))
        }
    }

    private struct State: ~Copyable {
        var next = 0
        var progress: [Int: Progress] = [:]
        var read: [Pending] = []
        /// Frames that may yet be read in this round.
        var budget = 0
    }

    /// A place for a recording that one reading job leaves for the same job of the next round. `@unchecked Sendable`:
    /// jobs have numbers of their own, and rounds follow each other.
    private final class Slot: @unchecked Sendable {
        var open: (recording: Int, reader: RecordingReader)?
    }

    private let recordings: [Recording]
    private let search: BatchSearch
    private let extractor: FeatureExtractor
    private let segmentation: PauseSegmenter.Options
    private let state = Mutex(State())
    private let slots: [Slot]

    init(
        _ recordings: [Recording], search: BatchSearch, extractor: FeatureExtractor,
        segmentation: PauseSegmenter.Options
    ) {
        self.recordings = recordings
        self.search = search
        self.extractor = extractor
        self.segmentation = segmentation
        slots = (0..<search.workers.count).map { _ in Slot() }
    }

    /// Works through all recordings; `each` gets the outcomes on this thread, in the order of the recordings.
    func run<Failure: Error>(each: (Int, Outcome) throws(Failure) -> Void) throws(Failure) {
        var given = 0
        var budget = Self.firstRoundFrames
        var ready: [Pending] = []
        while given < recordings.count {
            let batches = Self.batches(ready, workers: search.workers.count)
            let isReading: Bool = state.withLock { state in
                state.budget = budget
                return state.next < recordings.count || slots.contains { $0.open != nil }
            }
            budget = min(2 * budget, Self.largestRoundFrames)
            round(batches, readers: isReading ? slots.count : 0)
            ready = state.withLock { state in
                defer { state.read = [] }
                return state.read
            }
            while let outcome = state.withLock({ $0.progress[given]?.outcome }) {
                state.withLock { _ = $0.progress.removeValue(forKey: given) }
                try each(given, outcome)
                given += 1
            }
        }
    }

    private func round(_ batches: [[Pending]], readers: Int) {
        if readers == 0 && batches.count == 1 {
            decode(batches[0], spread: true)
        } else {
            struct Run: @unchecked Sendable { let run: TranscriptionRun }  // jobs touch it under `state` only
            let shared = Run(run: self)
            search.workers.run(jobs: readers + batches.count) { job in
                if job < readers {
                    shared.run.read(shared.run.slots[job])
                } else {
                    shared.run.decode(batches[job - readers], spread: false)
                }
            }
        }
    }

    // MARK: Reading

    /// Reads recordings until the round has enough.
    private func read(_ slot: Slot) {
        while state.withLock({ $0.budget > 0 }) {
            if slot.open == nil {
                let next: Int? = state.withLock { state in
                    guard state.next < recordings.count else { return nil }
                    defer { state.next += 1 }
                    state.progress[state.next] = Progress()
                    return state.next
                }
                guard let next else { return }
                do throws(StenoError) {
                    let reader = try RecordingReader(
                        recordings[next], extractor: extractor, segmentation: segmentation)
                    slot.open = (next, reader)
                } catch {
                    state.withLock { $0.progress[next]?.error = error }
                }
            }
            guard let (recording, reader) = slot.open else { continue }
            do throws(StenoError) {
                if let segments = try reader.next() {
                    add(segments, to: recording)
                } else {
                    let ending = (reader.durationSeconds, reader.warnings)
                    state.withLock { $0.progress[recording]?.ending = ending }
                    slot.open = nil
                }
            } catch {
                state.withLock { $0.progress[recording]?.error = error }
                slot.open = nil
            }
        }
    }

    private func add(_ segments: [SpeechSegment], to recording: Int) {
        let options = extractor.options
        for segment in segments where !isSilent(segment.features) {
            let start = Double(segment.firstFrame * options.hop)
            let length = Double((segment.features.frames - 1) * options.hop + options.frameLength)
            let rate = Double(options.sampleRate)
            state.withLock {
                guard var progress = $0.progress[recording] else { return }
                $0.read.append(
                    Pending(recording: recording, number: progress.results.count, features: segment.features))
                progress.bounds.append((start / rate, (start + length) / rate))
                progress.results.append(nil)
                $0.progress[recording] = progress
                $0.budget -= segment.features.frames
            }
        }
    }

    /// Whether nothing at all is heard.
    private func isSilent(_ features: Features) -> Bool {
        guard let silence = extractor.options.silentValue else { return false }
        return (features.values.max() ?? 0) < silence + Self.silenceRange
    }

    // MARK: Decoding

    /// Segments of like length together, the longest batches first; a batch for each worker at least.
    private static func batches(_ segments: [Pending], workers: Int) -> [[Pending]] {
        let sorted = segments.sorted {
            ($0.features.frames, $1.recording, $1.number) > ($1.features.frames, $0.recording, $0.number)
        }
        let total = sorted.reduce(0) { $0 + $1.features.frames }
        let most = min(batchFrames, (total + workers - 1) / workers)
        var batches: [[Pending]] = []
        for segment in sorted {
            if let last = batches.last, last.count < batchSegments,
                last[0].features.frames * last.count < most, last[0].features.frames * (last.count + 1) <= batchFrames
            {
                batches[batches.count - 1].append(segment)
            } else {
                batches.append([segment])
            }
        }
        return batches
    }

    private func decode(_ batch: [Pending], spread: Bool) {
        do throws(AudioError) {
            let results = try search(batch.map { .features($0.features) }, spread: spread).map { hypotheses in
                hypotheses.first.map { Text(text: search.text(of: $0), score: $0.score) } ?? Text(text: "", score: 0)
            }
            state.withLock {
                for (segment, result) in zip(batch, results) {
                    $0.progress[segment.recording]?.results[segment.number] = result
                }
            }
        } catch {
            state.withLock {
                for segment in batch { $0.progress[segment.recording]?.error = .audio(error) }
            }
        }
    }
}
