import AudioFrontEnd
import CKernels
import StenoTensor
import StenoText
import Synchronization

/// One audio/transcript pair as training sees it.
package struct Example: Sendable {
    package let entry: ManifestEntry
    package let tokens: [Int32]
    /// Feature frames at speed 1, from the duration that the manifest states.
    package let expectedFrames: Int
}

/// Pairs of audio and transcript with their features, read when first needed and kept in half precision.
package final class Dataset: Sendable {
    package let examples: [Example]
    /// What was set aside, and why; never silently.
    package let setAside: [(id: String, reason: String)]
    package let extractor: FeatureExtractor
    private let cache: FeatureCache

    /// - Parameters:
    ///   - stepsOfFrames: encoder steps of so many frames, to set aside what CTC cannot align.
    ///   - fastest: the highest speed at which an utterance may be played.
    package init(
        _ entries: [ManifestEntry], vocabulary: Vocabulary, extractor: FeatureExtractor,
        durations: ClosedRange<Double>, fastest: Double, cacheMegabytes: Int, stepsOfFrames: (Int) -> Int
    ) {
        var examples: [Example] = []
        var setAside: [(id: String, reason: String)] = []
        for entry in entries {
            guard durations.contains(entry.durationSeconds) else {
                setAside.append((entry.id, "lasts \(entry.durationSeconds) s"))
                continue
            }
            let tokens: [Int32]
            do { tokens = try vocabulary.encode(entry.text).map(Int32.init) } catch {
                setAside.append((entry.id, "\(error)"))
                continue
            }
            guard !tokens.isEmpty else {
                setAside.append((entry.id, "has no text"))
                continue
            }
            let samples = Double(extractor.options.sampleRate) * entry.durationSeconds
            let fewest = stepsOfFrames(extractor.options.frameCount(samples: Int(samples / fastest)))
            let needed = tokens.count + zip(tokens, tokens.dropFirst()).count { $0 == $1 }
            guard fewest >= needed else {
                setAside.append((entry.id, "has \(needed) symbols to align but only \(fewest) encoder steps"))
                continue
            }
            examples.append(
                Example(
                    entry: entry, tokens: tokens,
                    expectedFrames: extractor.options.frameCount(samples: Int(samples))))
        }
        self.examples = examples
        self.setAside = setAside
        self.extractor = extractor
        self.cache = FeatureCache(megabytes: cacheMegabytes)
    }

    /// Features of an example at a speed, before normalisation.
    package func features(_ index: Int, speed: Double = 1) throws(AudioError) -> Features {
        let key = FeatureCache.Key(index: index, speed: speed)
        if let cached = cache[key] { return cached }
        let entry = examples[index].entry
        let rate = extractor.options.sampleRate
        var signal = try AudioSignal.read(path: entry.audioPath, options: AudioReadOptions(sampleRate: rate)).samples
        if entry.startSeconds > 0 {
            let from = min(signal.count, Int(entry.startSeconds * Double(rate)))
            signal = Array(signal[from..<min(signal.count, from + Int(entry.durationSeconds * Double(rate)))])
        }
        if speed != 1 { signal = try changeSpeed(signal, by: speed) }
        return cache.keep(extractor.features(of: signal), for: key)
    }
}

/// Features in half precision, up to a number of bytes; what does not fit is computed again.
private final class FeatureCache: Sendable {
    struct Key: Hashable { let index: Int, speed: Double }
    private struct Entry { let frames: Int, bins: Int, halves: [UInt16] }
    private struct Contents {
        var entries: [Key: Entry] = [:]
        var bytes = 0
    }

    private let contents = Mutex(Contents())
    private let limit: Int

    init(megabytes: Int) { limit = megabytes << 20 }

    subscript(key: Key) -> Features? { contents.withLock { $0.entries[key] }.map(features) }

    /// Keeps features if there is room. Returns them as they come back from the cache, so that a result does not
    /// depend on whether there was.
    func keep(_ features: Features, for key: Key) -> Features {
        var halves = [UInt16](repeating: 0, count: features.values.count)
        steno_half_from_float(Int64(halves.count), features.values, &halves)
        let entry = Entry(frames: features.frames, bins: features.bins, halves: halves)
        contents.withLock {
            guard $0.entries[key] == nil, $0.bytes + 2 * halves.count <= limit else { return }
            $0.entries[key] = entry
            $0.bytes += 2 * halves.count
        }
        return self.features(entry)
    }

    private func features(_ entry: Entry) -> Features {
        var values = [Float](repeating: 0, count: entry.halves.count)
        steno_float_from_half(Int64(values.count), entry.halves, &values)
        return Features(frames: entry.frames, bins: entry.bins, values: values)
    }
}
