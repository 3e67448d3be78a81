import AudioFrontEnd
import Foundation
import StenoModels
import Yams

extension Recipe {
    /// Reads a recipe: every field has a default, a field that does not exist is refused with the nearest that does.
    ///
    /// - Parameter changes: fields that are to differ from the file, such as `training.epochs=3`; their paths are
    ///   relative to the current folder.
    package init(path: String, changes: [String] = []) throws(RecipeError) {
        try self.init(yaml: Fields.text(of: path), path: path, changes: changes)
    }

    package init(yaml: String, path: String, changes: [String] = []) throws(RecipeError) {
        self = try Fields.reading(path) {
            let given = try Fields.composed(yaml)
            func merged(onto defaults: Recipe) throws -> Node {
                let standard = try Fields.node(of: defaults)
                let merged = try Fields.merge(given, onto: standard, shared: Recipe.vocabularies, path: path)
                return try Fields.changed(
                    merged, changes, shared: Recipe.vocabularies, reading: { Recipe.fromHere($0) })
            }
            var fields = try merged(onto: Recipe())
            // The defaults depend on what is read.
            if fields["model"]?["input"]?.string == ModelOptions.Input.text.rawValue {
                fields = try merged(onto: Recipe(for: .text))
            }
            return try Fields.value(of: fields, like: Recipe())
        }
        if let complaint = model.complaint ?? search.complaint ?? complaint {
            throw RecipeError(path: path, problem: complaint)
        }
        do { try features.validate() } catch { throw RecipeError(path: path, problem: error.description) }
    }

    /// A change whose relative paths are those from the current folder, as a shell completes them.
    private static func fromHere(_ change: Node, at keys: [String] = []) -> Node {
        if case .mapping(let fields) = change {
            return .mapping(.init(fields.map { ($0, fromHere($1, at: keys + [$0.string ?? ""])) }))
        }
        let isPath =
            keys == ["training", "startFrom"] || keys.first == "data" && keys.last == "model"
            || keys.starts(with: ["data", "train"]) || keys.starts(with: ["data", "dev"])
        guard isPath else { return change }
        if case .sequence(let sequence) = change {
            return .sequence(.init(sequence.map { fromHere($0, at: keys) }, Tag(.implicit), .flow))
        }
        guard let path = change.string, !path.isEmpty, !path.hasPrefix("/") else { return change }
        return Node("\(FileManager.default.currentDirectoryPath)/\(path)")
    }

    /// A field of one vocabulary is that of both, unless a side has its own.
    private static let vocabularies = Fields.Shared(section: ["data", "vocabulary"], sides: ["source", "target"])

    /// The resolved recipe with every field.
    package var yaml: String { (try? Yams.serialize(node: node)) ?? "" }

    /// The resolved recipe, fields in the order of their declaration, numbers as a person would write them.
    var node: Node { (try? Fields.node(of: self)) ?? Node.mapping(.init([])) }

    /// What of the training and data options makes no sense, or nil.
    private var complaint: String? {
        let t = training
        let checks: [(Bool, String)] = [
            (
                model.input == .audio || t.ctcWeight == 0,
                "training.ctcWeight must be 0 for text: CTC needs a source longer than the target"
            ),
            (model.input == .audio || search.ctcWeight == 0, "search.ctcWeight must be 0 for text"),
            (
                t.ctcWeight > 0 || search.ctcWeight == 0,
                "search.ctcWeight must be 0 where training.ctcWeight is: the CTC head is not trained"
            ),
            (
                t.ctcWeight < 1 || search.ctcWeight == 1,
                "search.ctcWeight must be 1 where training.ctcWeight is: the decoder is not trained"
            ),
            (
                model.tied != .all || data.vocabulary.joint || !t.startFrom.isEmpty,
                "model.tied may be all only with data.vocabulary.joint: one table needs one vocabulary"
            ),
            (
                model.input == .text || !t.selectBy.isOfTextOnly,
                "training.selectBy must not be \(t.selectBy.rawValue) for audio, which is measured by cer, wer and loss"
            ),
            (
                t.ctcWeight < 1 || t.selectBy != .loss,
                "training.selectBy must not be loss where training.ctcWeight is 1: the decoder is not trained"
            ),
            ((0...(1 << 32)).contains(t.seed), "training.seed must be from 0 to 4294967296"),
            ((1...1_000_000).contains(t.epochs), "training.epochs must be from 1 to 1000000"),
            (t.batchFrames >= 100, "training.batchFrames must be at least 100"),
            (t.batchUtterances >= 1, "training.batchUtterances must be at least 1"),
            ((1...1024).contains(t.shards), "training.shards must be from 1 to 1024"),
            ((0...1).contains(t.ctcWeight), "training.ctcWeight must be from 0 to 1"),
            ((0..<1).contains(t.labelSmoothing), "training.labelSmoothing must be at least 0 and less than 1"),
            ((0...1).contains(t.scheduledSampling), "training.scheduledSampling must be from 0 to 1"),
            (
                !t.speeds.isEmpty && t.speeds.allSatisfy { (0.5...2).contains($0) },
                "training.speeds must be one or more numbers from 0.5 to 2"
            ),
            ((1...1000).contains(t.averaged), "training.averaged must be from 1 to 1000"),
            (t.evaluationSteps >= 0, "training.evaluationSteps must not be negative"),
            (t.evaluationUtterances >= 1, "training.evaluationUtterances must be at least 1"),
            ((1...1024).contains(t.evaluationBeam), "training.evaluationBeam must be from 1 to 1024"),
            (t.patience >= 0, "training.patience must not be negative"),
            ((0...100).contains(t.masking.frequencyMasks), "training.masking.frequencyMasks must be from 0 to 100"),
            ((0...100).contains(t.masking.timeMasks), "training.masking.timeMasks must be from 0 to 100"),
            (t.masking.frequencyWidth >= 0, "training.masking.frequencyWidth must not be negative"),
            (t.masking.timeWidth >= 0, "training.masking.timeWidth must not be negative"),
            ((0...1).contains(t.masking.timeShare), "training.masking.timeShare must be from 0 to 1"),
            (t.checkpointMinutes > 0, "training.checkpointMinutes must be above 0"),
            (
                t.optimiser.rate > 0 && t.optimiser.rate < .infinity,
                "training.optimiser.rate must be a number above 0"
            ),
            (
                t.optimiser.finalRate >= 0 && t.optimiser.finalRate < .infinity,
                "training.optimiser.finalRate must not be negative"
            ),
            (t.optimiser.warmupSteps >= 0, "training.optimiser.warmupSteps must not be negative"),
            (t.optimiser.clipNorm > 0, "training.optimiser.clipNorm must be above 0"),
            ((0..<1).contains(t.optimiser.beta1), "training.optimiser.beta1 must be at least 0 and less than 1"),
            ((0..<1).contains(t.optimiser.beta2), "training.optimiser.beta2 must be at least 0 and less than 1"),
            (t.optimiser.epsilon > 0, "training.optimiser.epsilon must be above 0"),
            ((0..<1).contains(t.optimiser.decay), "training.optimiser.decay must be at least 0 and less than 1"),
            (
                model.input == .text || (data.train + data.dev).allSatisfy(\.isOneFile),
                "data.train and data.dev must be manifests for audio, not a source and a target"
            ),
            (model.input == .text || !data.vocabulary.joint, "data.vocabulary.joint must be false for audio"),
            (
                model.input == .audio || data.corpora.isEmpty,
                "data.corpora must be empty for text: pairs of texts are of no corpus"
            ),
        ]
        return checks.first { !$0.0 }?.1 ?? data.complaint
    }
}
