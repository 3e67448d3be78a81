import Glibc
import StenoDecoding
import StenoTensor
import StenoText

/// Log-probabilities that depend on nothing but the text so far, drawn at random.
struct TableScorer: Scorer {
    let seed: UInt64
    let symbols: Int
    var scale = 2.0
    /// Added to the end's logit.
    var end = 0.0
    private var texts: [(item: Int, tokens: [Int32])]

    init(seed: UInt64, symbols: Int, items: Int, scale: Double = 2, end: Double = 0) {
        (self.seed, self.symbols, self.scale, self.end) = (seed, symbols, scale, end)
        texts = (0..<items).map { ($0, []) }
    }

    func logProbabilities(_ item: Int, _ tokens: [Int32]) -> [Float] {
        var random = RandomStream(key: tokens.reduce(mixed(seed, UInt64(item))) { mixed($0, UInt64($1)) })
        var logits = (0..<symbols).map { _ in scale * Double(random.normal()) }
        logits[Vocabulary.end] += end
        let total = log(logits.reduce(0) { $0 + exp($1) })
        return logits.map { Float($0 - total) }
    }

    func logProbability(_ item: Int, of text: [Int32]) -> Double {
        (text + [Int32(Vocabulary.end)]).enumerated().reduce(0) { sum, next in
            sum + Double(logProbabilities(item, Array(text.prefix(next.offset)))[Int(next.element)])
        }
    }

    mutating func scores(on tape: Tape) -> Tensor {
        Tensor(texts.flatMap { logProbabilities($0.item, $0.tokens) }, shape: [texts.count, symbols])
    }

    mutating func advance(to continuations: Continuations, on tape: Tape) {
        texts = zip(continuations.parents, continuations.tokens).map { parent, token in
            (texts[parent].item, texts[parent].tokens + [token])
        }
    }
}
