import Foundation
import StenoModels
import StenoTensor

/// What Goldens/make_goldens.py wrote.
struct Goldens: Decodable {
    let cases: [GoldenModel]

    static func url(_ name: String) throws -> URL {
        let folder = Bundle.module.resourceURL?.appendingPathComponent("Goldens")
        guard let url = folder?.appendingPathComponent(name), FileManager.default.fileExists(atPath: url.path) else {
            throw CocoaError(.fileNoSuchFile)
        }
        return url
    }

    static func load() throws -> Goldens {
        try JSONDecoder().decode(Goldens.self, from: Data(contentsOf: url("models.json")))
    }
}

struct GoldenTensor: Decodable {
    let shape: [Int]
    let values: [Double]

    var tensor: Tensor { Tensor(values.map(Float.init), shape: Shape(shape)) }
}

/// A whole model: what it reads, and everything that it computes of it.
struct GoldenModel: Decodable {
    struct Kind: Decodable { let bins: Int?, symbols: Int? }
    let name: String
    let source: Kind
    /// JSON of what differs from the defaults.
    let options: String
    let symbols: Int
    let lengths: [Int]
    let texts: [[Int32]]
    let ctcWeight: Float, labelSmoothing: Float
    let frames: GoldenTensor?
    let tokens: [[Int32]]?
    let weights: [String: GoldenTensor]
    let steps: [Int]
    let states: GoldenTensor, ctcLogits: GoldenTensor?, logits: GoldenTensor
    let attentionLoss: Double, ctcLoss: Double, loss: Double
    let correct: Int
    let gradients: [String: GoldenTensor]
    /// After each of ten steps of Adam.
    let lossesUnderAdam: [Double]

    func model() throws -> Model {
        let options = try decoded(options, onto: ModelOptions())
        let kind = source.bins.map { SourceKind.frames(bins: $0) } ?? .tokens(symbols: source.symbols ?? 0)
        return Model(options: options, source: kind, symbols: symbols)
    }
}
