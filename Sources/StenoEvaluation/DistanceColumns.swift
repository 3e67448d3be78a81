/// The newest column of a Levenshtein distance matrix, as bit vectors of its vertical differences.
///
/// Bit `i` of `positive` says `D[i + 1] = D[i] + 1`, of `negative` `D[i + 1] = D[i] - 1`, where `D[i]` is the distance
/// between the first `i` elements of the pattern and the text so far. See ``SequenceAligner`` for the papers.
struct DistanceColumns {
    let words: Int
    private(set) var positive: [UInt64]
    private(set) var negative: [UInt64]
    private let length: Int
    private var textLength = 0
    /// For every number in the pattern where its bits begin in `occurrences`.
    private var offsets: [Int: Int] = [:]
    /// `[distinct numbers + 1, words]`: bit `i` is set where the pattern has that number; the first row is empty.
    private var occurrences: [UInt64]

    init(pattern: ArraySlice<Int>) {
        length = pattern.count
        words = (length + 63) / 64
        positive = [UInt64](repeating: .max, count: words)
        negative = [UInt64](repeating: 0, count: words)
        occurrences = [UInt64](repeating: 0, count: words)
        for (index, number) in pattern.enumerated() {
            let offset: Int
            if let known = offsets[number] {
                offset = known
            } else {
                offset = occurrences.count
                offsets[number] = offset
                occurrences.append(contentsOf: repeatElement(0, count: words))
            }
            occurrences[offset + index / 64] |= 1 << UInt64(index % 64)
        }
    }

    /// Moves one element of the text to the right.
    mutating func advance(by number: Int) {
        let offset = offsets[number] ?? 0
        var risingCarry: UInt64 = 1
        var fallingCarry: UInt64 = 0
        textLength += 1
        for word in 0..<words {
            let up = positive[word]
            let down = negative[word]
            let matches = occurrences[offset + word] | fallingCarry
            let diagonal = (((matches & up) &+ up) ^ up) | matches | down
            let rising = down | ~(diagonal | up)
            let falling = diagonal & up
            let shiftedRising = rising << 1 | risingCarry
            let shiftedFalling = falling << 1 | fallingCarry
            risingCarry = rising >> 63
            fallingCarry = falling >> 63
            positive[word] = shiftedFalling | ~(diagonal | shiftedRising)
            negative[word] = shiftedRising & diagonal
        }
    }

    /// `[length + 1]`: the distances between every beginning of the pattern and the text so far.
    func distances() -> [Int] {
        var distances = [textLength]
        distances.reserveCapacity(length + 1)
        var distance = textLength
        for index in 0..<length {
            let bit = UInt64(index % 64)
            distance += Int(positive[index / 64] >> bit & 1) - Int(negative[index / 64] >> bit & 1)
            distances.append(distance)
        }
        return distances
    }
}
