import AudioFrontEnd
import CKernels
import Synchronization

/// From an entry of a manifest to features, which are kept in half precision for the next time.
package final class AudioFeatures: Sendable {
    package let extractor: FeatureExtractor
    private let cache: FeatureCache

    package init(_ extractor: FeatureExtractor, cacheMegabytes: Int) {
        self.extractor = extractor
        cache = FeatureCache(megabytes: cacheMegabytes)
    }

    /// Features at a speed, not normalised.
    package func callAsFunction(_ entry: ManifestEntry, speed: Double = 1) throws(AudioError) -> Features {
        let key = FeatureCache.Key(
            path: entry.audioPath, startSeconds: entry.startSeconds, durationSeconds: entry.durationSeconds,
            speed: speed)
        if let cached = cache[key] { return cached }
        let rate = extractor.options.sampleRate
        var signal = try AudioSignal.read(path: entry.audioPath, options: AudioReadOptions(sampleRate: rate)).samples
        let excerpt = AudioFeatures.excerpt(of: entry, samples: signal.count, rate: rate)
        if excerpt != signal.indices { signal = Array(signal[excerpt]) }
        if speed != 1 { signal = try changeSpeed(signal, by: speed) }
        return cache.keep(extractor.features(of: signal), for: key)
    }

    /// The samples of a file that belong to an utterance: all, unless the utterance begins later or the file goes on
    /// for longer than a rounded duration explains.
    private static func excerpt(of entry: ManifestEntry, samples: Int, rate: Int) -> Range<Int> {
        func position(_ seconds: Double) -> Int { Int(min(seconds * Double(rate), Double(samples))) }
        let end = entry.startSeconds + entry.durationSeconds
        let isWhole = entry.startSeconds == 0 && Double(samples) / Double(rate) < end + 0.1
        return isWhole ? 0..<samples : position(entry.startSeconds)..<position(end)
    }

    /// Frames of `seconds` of audio.
    package func frames(seconds: Double) -> Int {
        extractor.options.frameCount(samples: Int(Double(extractor.options.sampleRate) * seconds))
    }
}

/// Features in half precision, up to a number of bytes; what does not fit is computed again.
private final class FeatureCache: Sendable {
    /// Not the id: that is unique within one manifest only.
    struct Key: Hashable {
        let path: String
        let startSeconds: Double, durationSeconds: Double
        let speed: Double
    }

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
