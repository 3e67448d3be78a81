import CKernels
import StenoModels
import StenoTensor
import StenoText

/// A random model small enough to try every text.
struct TinyModel {
    let model: Model
    let weights: Weights

    /// Vocabulary ids of the characters.
    var characters: [Int32] { (Int32(Vocabulary.end) + 1..<Int32(model.symbols)).map { $0 } }

    /// - Parameters:
    ///   - characters: besides blank, start and end.
    ///   - scale: factor of the weights of the output layers; large ones make peaked distributions.
    init(characters: Int = 2, seed: UInt64, scale: Float = 6) {
        var options = ModelOptions()
        options.encoder.layers = 1
        (options.encoder.units, options.encoder.input, options.encoder.channels) = (6, 6, 2)
        options.encoder.normalised = false
        (options.decoder.embedding, options.decoder.units) = (4, 6)
        (options.decoder.attention, options.decoder.readout) = (5, 6)
        model = Model(options: options, source: .frames(bins: 4), symbols: Vocabulary.end + 1 + characters)
        weights = Weights(model.layout, seed: seed)
        for name in ["ctc.weight", "decoder.output.weight", "decoder.embedding.weight", "encoder.input.weight"] {
            self[name].multiply(by: scale)
        }
    }

    subscript(name: String) -> Tensor {
        zip(model.layout.entries, weights.tensors).first { $0.0.name == name }?.1 ?? Tensor(zeros: [0])
    }

    /// A tape for these weights.
    func tape() -> Tape {
        steno_use_single_threaded_products()
        return Tape(weights, workers: Workers(count: 2))
    }

    /// Random utterances of so many encoder steps.
    func encoded(steps: [Int], seed: UInt64, on tape: Tape) -> Encoded {
        var random = RandomStream(key: seed)
        let time = 4 * (steps.max() ?? 0)
        let frames = Tensor(zeros: [steps.count, time, 4])
        for (item, steps) in steps.enumerated() {
            for index in 0..<16 * steps { frames[item].pointer[index] = 2 * random.normal() }
        }
        let encoded = model.encode(.frames(frames, lengths: steps.map { 4 * $0 }), on: tape)
        precondition(encoded.lengths == steps)
        return encoded
    }

    /// The same for one of those utterances.
    func encoded(_ item: Int, steps: [Int], seed: UInt64, on tape: Tape) -> Encoded {
        var random = RandomStream(key: seed)
        for _ in 0..<16 * steps[..<item].reduce(0, +) { _ = random.normal() }
        let frames = Tensor(zeros: [1, 4 * steps[item], 4])
        for index in 0..<frames.count { frames.pointer[index] = 2 * random.normal() }
        return model.encode(.frames(frames, lengths: [4 * steps[item]]), on: tape)
    }

    /// An n-gram model of random texts.
    func language(seed: UInt64) throws -> NGramModel {
        var random = RandomStream(key: seed)
        var options = NGramEstimation.Options()
        (options.order, options.pruning) = (4, 1)
        var estimation = try NGramEstimation(symbols: model.symbols, options: options)
        for _ in 0..<20 {
            let length = Int(random.next() % 7)
            estimation.add((0..<length).map { _ in Int(characters[Int(random.next() % UInt64(characters.count))]) })
        }
        return try estimation.model()
    }

    /// Search options with a beam that loses nothing.
    func options(beam: Int = 1000, ctcWeight: Double, lengthBonus: Double = 0) -> SearchOptions {
        var options = SearchOptions()
        (options.beam, options.ctcWeight, options.lengthBonus) = (beam, ctcWeight, lengthBonus)
        options.repetitions = 0
        return options
    }
}

/// Every text of up to `length` of these tokens.
func allTexts(of tokens: [Int32], upTo length: Int) -> [[Int32]] {
    var (all, longest): ([[Int32]], [[Int32]]) = ([[]], [[]])
    for _ in 0..<length {
        longest = longest.flatMap { text in tokens.map { text + [$0] } }
        all += longest
    }
    return all
}

/// Every sequence of one symbol a step, with its log-probability and what it spells.
func allPaths(_ logProbabilities: Tensor, steps: Int) -> [(path: [Int32], text: [Int32], logProbability: Double)] {
    let symbols = (0..<Int32(logProbabilities.shape.columns)).map { $0 }
    var paths: [(path: [Int32], logProbability: Double)] = [([], 0)]
    for step in 0..<steps {
        let row = logProbabilities[step].values
        paths = paths.flatMap { path, sum in symbols.map { (path + [$0], sum + Double(row[Int($0)])) } }
    }
    return paths.map { path, sum in
        let text = path.indices.filter { $0 == 0 || path[$0] != path[$0 - 1] }.map { path[$0] }
        return (path, text.filter { $0 != Int32(Vocabulary.blank) }, sum)
    }
}
