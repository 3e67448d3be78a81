import AudioFrontEnd
import Foundation
import StenoEvaluation
import StenoModels
import Yams

/// What is wrong with a recipe; one sentence with its path.
package struct RecipeError: Error, CustomStringConvertible {
    package let path: String
    package let problem: String
    package var description: String { "\(path): \(problem)" }
}

extension Recipe {
    /// Reads a recipe: every field has a default, a field that does not exist is refused with the nearest that does.
    ///
    /// - Parameter changes: fields that are to differ from the file, such as `training.epochs=3`.
    package init(path: String, changes: [String] = []) throws(RecipeError) {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw RecipeError(path: path, problem: "the recipe cannot be read")
        }
        try self.init(yaml: String(decoding: data, as: UTF8.self), path: path, changes: changes)
    }

    package init(yaml: String, path: String, changes: [String] = []) throws(RecipeError) {
        do {
            let given = try Yams.compose(yaml: yaml) ?? Node.mapping(.init([]))
            func merged(onto defaults: Recipe) throws -> Node {
                let standard = try Yams.compose(yaml: YAMLEncoder().encode(defaults)) ?? Node.mapping(.init([]))
                var merged = try Recipe.merge(given, onto: standard, at: [], path: path)
                for change in changes {
                    merged = try Recipe.merge(Recipe.node(of: change), onto: merged, at: [], path: change)
                }
                return merged
            }
            var fields = try merged(onto: Recipe())
            // The defaults depend on what is read.
            if fields["model"]?["input"]?.string == ModelOptions.Input.text.rawValue {
                fields = try merged(onto: Recipe(for: .text))
            }
            self = try YAMLDecoder().decode(Recipe.self, from: Yams.serialize(node: fields))
        } catch let error as RecipeError {
            throw error
        } catch let error as YamlError {
            throw RecipeError(path: path, problem: "not YAML: \(error)".firstLine)
        } catch let error as DecodingError {
            throw RecipeError(path: path, problem: error.place)
        } catch {
            throw RecipeError(path: path, problem: "\(error)".firstLine)
        }
        if let complaint = model.complaint ?? search.complaint ?? complaint {
            throw RecipeError(path: path, problem: complaint)
        }
        do { try features.validate() } catch { throw RecipeError(path: path, problem: error.description) }
    }

    /// Options of features with other values for some fields, `field=value`, checked as a recipe's are.
    package static func features(_ options: FeatureOptions, changes: [String]) throws(RecipeError) -> FeatureOptions {
        if changes.isEmpty { return options }
        var recipe = Recipe()
        recipe.features = options
        return try Recipe(yaml: recipe.yaml, path: "features", changes: changes.map { "features.\($0)" }).features
    }

    /// The resolved recipe with every field.
    package var yaml: String { (try? Yams.serialize(node: node)) ?? "" }

    /// The resolved recipe, fields in the order of their declaration, numbers as a person would write them.
    var node: Node {
        let fields = try? Yams.compose(yaml: YAMLEncoder().encode(self))
        let values = try? JSONSerialization.jsonObject(with: Data(json(self).utf8))
        return Recipe.withShortNumbers(fields ?? Node.mapping(.init([])), values)
    }

    /// Yams writes 0.1 as `1e-1` and a single-precision 0.1 as `1.00000001490116e-1`; JSON knows better.
    private static func withShortNumbers(_ node: Node, _ value: Any?) -> Node {
        switch node {
        case .mapping(let mapping):
            let values = value as? [String: Any]
            return .mapping(
                .init(mapping.map { ($0, withShortNumbers($1, $0.string.flatMap { values?[$0] })) }))
        case .sequence(let sequence):
            let values = value as? [Any]
            return .sequence(
                .init(
                    zip(sequence, values ?? []).map(withShortNumbers), Tag(.implicit),
                    sequence.isEmpty ? .flow : .any))
        default:
            guard node.int == nil, node.float != nil, let number = value as? Double else { return node }
            return Node("\(number)")
        }
    }

    private static func merge(_ given: Node, onto defaults: Node, at keys: [String], path: String) throws -> Node {
        guard case .mapping(var known) = defaults else { return given }
        guard case .mapping(var fields) = given else {
            if keys.isEmpty, given.string == "" { return defaults }  // an empty file
            throw RecipeError(path: path, problem: "\(keys.joined(separator: ".")) must be a section of fields")
        }
        var elsewhere: [String] = []
        if keys == ["data", "vocabulary"], case .mapping(let side)? = known["target"] {
            // A field of one vocabulary is that of both, unless a side has its own.
            elsewhere = side.keys.compactMap(\.string)
            let shared = Node.mapping(.init(fields.filter { $0.key.string.map(elsewhere.contains) ?? false }))
            for name in ["source", "target"] {
                known[name] = try merge(shared, onto: known[name] ?? Node(""), at: keys, path: path)
            }
            for name in elsewhere { fields[Node(name)] = nil }
        }
        for (key, value) in fields {
            let name = key.string ?? "\(key)"
            guard let standard = known[name] else {
                let names = known.keys.compactMap(\.string) + elsewhere
                let nearest = names.min { distance($0, name) < distance($1, name) } ?? ""
                let place = (keys + [name]).joined(separator: ".")
                let line = key.mark.map { " in line \($0.line)" } ?? ""
                throw RecipeError(path: path, problem: "there is no field \(place)\(line); the nearest is \(nearest)")
            }
            known[name] = try merge(value, onto: standard, at: keys + [name], path: path)
        }
        return .mapping(known)
    }

    /// `training.epochs=3` as the mapping that it stands for.
    private static func node(of change: String) throws -> Node {
        let parts = change.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw RecipeError(path: change, problem: "expected field=value") }
        let value = try Yams.compose(yaml: String(parts[1])) ?? Node("")
        return parts[0].split(separator: ".").reversed().reduce(value) { node, key in
            Node.mapping(.init([(Node(String(key)), node)]))
        }
    }

    private static func distance(_ a: String, _ b: String) -> Int {
        ErrorRate(unit: .characters, references: [b.lowercased()], hypotheses: [a.lowercased()]).total.errors
    }

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
                "training.speeds must be from 0.5 to 2"
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

extension DecodingError {
    /// The field and what is wrong with it.
    fileprivate var place: String {
        let (context, expected): (Context, String) =
            switch self {
            case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
                (context, "must be \(type == Float.self || type == Double.self ? "a number" : "\(type)")")
            case .keyNotFound(let key, let context): (context, "lacks \(key.stringValue)")
            case .dataCorrupted(let context): (context, context.debugDescription)
            @unknown default: (Context(codingPath: [], debugDescription: ""), "is not understood")
            }
        return "\(context.codingPath.map(\.stringValue).joined(separator: ".")) \(expected)".firstLine
    }
}

extension String {
    fileprivate var firstLine: String { String(split(separator: "\n", maxSplits: 1).first ?? "") }
}
