/// A 64-bit number that depends on both and resembles neither (the finaliser of SplitMix64; Steele, Lea, Flood 2014).
package func mixed(_ a: UInt64, _ b: UInt64) -> UInt64 {
    var x = a &+ (b &+ 1) &* 0x9e37_79b9_7f4a_7c15
    x = (x ^ (x >> 30)) &* 0xbf58_476d_1ce4_e5b9
    x = (x ^ (x >> 27)) &* 0x94d0_49bb_1331_11eb
    return x ^ (x >> 31)
}

/// Random numbers by counter: the n-th of a key is always the same, wherever and whenever it is drawn.
///
/// Keys are made by `mixed` from (run, epoch, utterance, operation), so that resuming and the number of threads
/// change nothing.
package struct RandomStream: RandomNumberGenerator, Sendable {
    private let key: UInt64
    private var counter: UInt64 = 0

    package init(key: UInt64) { self.key = key }

    package init(_ keys: UInt64...) { self.init(key: keys.reduce(0, mixed)) }

    package mutating func next() -> UInt64 {
        counter += 1
        return mixed(key, counter)
    }

    /// Uniform in [0, 1).
    package mutating func uniform() -> Float { Float(next() >> 40) * 0x1p-24 }

    package mutating func uniform(in range: ClosedRange<Float>) -> Float {
        range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
    }

    /// Normal with mean 0 and variance 1, by the sum of twelve uniform numbers (Irwin-Hall).
    package mutating func normal() -> Float {
        var sum: Float = -6
        for _ in 0..<12 { sum += uniform() }
        return sum
    }
}
