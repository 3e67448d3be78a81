import AudioFrontEnd
import StenoDecoding
import StenoTensor
import StenoTraining
import Synchronization

/// Many texts through one model, in rounds. A window of texts is read ahead; each round translates, in batches, the
/// first text of the window that has no translation yet and those of its length, so that results come in order and
/// soon, and batches have little padding. However many the texts are, the window is all that is in memory.
final class TranslationRun {
    typealias Outcome = Result<Translation, StenoError>

    /// Texts of the window, those with translations that wait for an earlier one included.
    private static let window = 2048
    /// Most source tokens of one batch, padding included, and most texts: what bounds the memory of a batch.
    private static let batchTokens = 4096
    private static let batchTexts = 32
    /// Most batches of a round for each worker; one at first, so that results come soon.
    private static let mostBatches = 4

    private struct Pending: Sendable {
        let number: Int
        let text: String
        let tokens: [Int32]
    }

    private let work: Work
    private let isReady: () -> Bool
    private let nextText: () -> Result<PlacedText, StenoError>?

    /// Texts taken, outcomes given, and what stands between.
    private var taken: Int
    private var given: Int
    private var pending: [Pending] = []
    private var outcomes: [Int: Outcome] = [:]
    private var atEnd = false
    private var batchesForWorker = 1

    /// - Parameters:
    ///   - firstNumber: of the first text; what is drawn for a text depends on its number.
    ///   - isReady: whether the next text is there without waiting for it.
    ///   - nextText: nil after the last.
    init(
        reader: SourceReader, search: BatchSearch, options: Translator.Options, firstNumber: Int,
        isReady: @escaping () -> Bool, nextText: @escaping () -> Result<PlacedText, StenoError>?
    ) {
        work = Work(reader: reader, search: search, options: options)
        (self.isReady, self.nextText) = (isReady, nextText)
        (taken, given) = (firstNumber, firstNumber)
    }

    /// The outcome of the next text; nil after the last.
    func next() -> Outcome? {
        while true {
            if let outcome = outcomes.removeValue(forKey: given) {
                given += 1
                return outcome
            }
            fill()
            if given == taken { return nil }
            if !pending.isEmpty { round() }
        }
    }

    /// Reads texts that are there, and waits for one if there is nothing to do.
    private func fill() {
        while !atEnd && taken - given < Self.window && (given == taken || isReady()) {
            guard let text = nextText() else {
                atEnd = true
                return
            }
            do throws(StenoError) {
                let text = try text.get()
                let tokens = try work.reader.tokens(of: text)
                if tokens.isEmpty {
                    outcomes[taken] = .success(Translation(emptyFor: text.text))
                } else {
                    pending.append(Pending(number: taken, text: text.text, tokens: tokens))
                }
            } catch { outcomes[taken] = .failure(error) }
            taken += 1
        }
    }

    private func round() {
        let (batches, work) = (nextBatches(), work)
        let found = Mutex<[Int: Outcome]>([:])
        work.search.workers.run(jobs: batches.count) { job in
            let results = work.translate(batches[job], spread: batches.count == 1)
            found.withLock { for (text, outcome) in zip(batches[job], results) { $0[text.number] = outcome } }
        }
        outcomes.merge(found.withLock { $0 }) { $1 }
    }

    /// Takes the batches of a round out of what is pending, the most work first.
    private func nextBatches() -> [[Pending]] {
        var byLength = pending.sorted { ($0.tokens.count, $0.number) < ($1.tokens.count, $1.number) }
        let workers = work.search.workers.count
        let most = min(Self.batchTexts, (pending.count + workers - 1) / workers)
        var batches: [[Pending]] = []
        var taken: Set<Int> = []
        for first in pending where !taken.contains(first.number) && batches.count < workers * batchesForWorker {
            guard let place = byLength.firstIndex(where: { $0.number == first.number }) else { continue }
            let range = Self.neighbours(of: place, in: byLength, most: most)
            taken.formUnion(byLength[range].map(\.number))
            batches.append(Array(byLength[range]))
            byLength.removeSubrange(range)
        }
        pending.removeAll { taken.contains($0.number) }
        batchesForWorker = min(2 * batchesForWorker, Self.mostBatches)
        func cost(_ batch: [Pending]) -> Int { batch.count * (batch.last?.tokens.count ?? 0) }
        return batches.sorted { cost($0) > cost($1) }
    }

    /// The places around one whose texts are nearest to it in length, as many as a batch may hold.
    private static func neighbours(of place: Int, in texts: [Pending], most: Int) -> Range<Int> {
        func length(_ index: Int) -> Int { texts[index].tokens.count }
        var range = place..<place + 1
        while range.count < most {
            let shorter = range.lowerBound > 0 ? length(place) - length(range.lowerBound - 1) : Int.max
            let longer = range.upperBound < texts.count ? length(range.upperBound) - length(place) : Int.max
            if shorter == .max && longer == .max { break }
            let wider =
                shorter <= longer
                ? range.lowerBound - 1..<range.upperBound : range.lowerBound..<range.upperBound + 1
            guard wider.count * length(wider.upperBound - 1) <= batchTokens else { break }
            range = wider
        }
        return range
    }

    /// What the jobs of a round share.
    private struct Work: Sendable {
        let reader: SourceReader
        let search: BatchSearch
        let options: Translator.Options

        func translate(_ batch: [Pending], spread: Bool) -> [Outcome] {
            let sampling = options.temperature.map { temperature in
                Search.Sampling(
                    temperature: temperature, seeds: batch.map { mixed(options.seed, UInt64($0.number)) })
            }
            do throws(AudioError) {
                let found = try search(
                    batch.map { .tokens($0.tokens) }, nBest: options.nBest, keepsAttention: options.attention,
                    sampling: sampling, spread: spread)
                return zip(batch, found).map { .success(translation(of: $0, $1)) }
            } catch {
                return batch.map { _ in .failure(.audio(error)) }
            }
        }

        private func translation(of source: Pending, _ hypotheses: [Hypothesis]) -> Translation {
            var translation = Translation(
                source: source.text,
                alternatives: hypotheses.map {
                    .init(
                        text: search.text(of: $0), score: $0.score, logProbability: $0.attentionLogProbability ?? 0,
                        isCut: $0.isCut)
                })
            if let best = hypotheses.first, let row = best.attention.first, row.count >= source.tokens.count {
                translation.attention = Translation.Attention(
                    sourceTokens: reader.labels(of: source.tokens),
                    targetTokens: best.tokens.map { search.trained.vocabulary.tokens[Int($0)] },
                    weights: best.attention.map { Array($0.prefix(source.tokens.count)) })
            }
            return translation
        }
    }
}
