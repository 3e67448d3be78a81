import AudioFrontEnd
import StenoTensor

extension MaskingOptions {
    /// Sets bands of bins and stretches of frames of normalised features to 0, their mean.
    package func apply(to features: inout Features, key: UInt64) {
        var random = RandomStream(key: key)
        func draw(_ count: Int) -> Int { count > 0 ? Int(random.next() % UInt64(count)) : 0 }
        let (frames, bins) = (features.frames, features.bins)
        for _ in 0..<frequencyMasks {
            let width = draw(min(frequencyWidth, bins) + 1)
            let from = draw(bins - width + 1)
            for t in 0..<frames { for f in from..<(from + width) { features.values[t * bins + f] = 0 } }
        }
        for _ in 0..<timeMasks {
            let width = draw(min(timeWidth, Int(timeShare * Double(frames))) + 1)
            let from = draw(frames - width + 1)
            for i in (from * bins)..<((from + width) * bins) { features.values[i] = 0 }
        }
    }
}
