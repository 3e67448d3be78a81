import AudioFrontEnd
import Foundation
import StenoEvaluation
import StenoModels
import Yams

/// What is wrong with a file of options; one sentence with its path.
package struct RecipeError: Error, CustomStringConvertible {
    package let path: String
    package let problem: String
    package var description: String { "\(path): \(problem)" }
}

/// Options as YAML: some fields given by a person, over defaults for all. A field that does not exist is refused with
/// the nearest that does.
package enum Fields {
    /// A section whose fields are those of several sections in it, unless one of these has its own.
    struct Shared {
        let section: [String]
        let sides: [String]
    }

    /// A value with other values for some fields, `field=value`.
    package static func changing<Value: Codable>(
        _ value: Value, _ changes: [String]
    ) throws(RecipeError) -> Value {
        if changes.isEmpty { return value }
        return try reading(changes.joined(separator: " ")) {
            try Fields.value(of: changed(node(of: value), changes), like: value)
        }
    }

    /// The options and steps of features that a file gives, over the standard ones; as `FeaturePipeline` is stored,
    /// with any field left out.
    package static func pipeline(path: String) throws(RecipeError) -> FeaturePipeline {
        let yaml = try text(of: path)
        let pipeline: FeaturePipeline = try reading(path) {
            var merged = try merge(composed(yaml), onto: node(of: FeaturePipeline()), path: path)
            if case .sequence(var steps)? = merged["steps"] {
                let kinds = try FeatureStep.kinds.map { (kind: $0, node: try node(of: $0)) }
                for (index, step) in steps.enumerated() {
                    // A step has the fields of its kind.
                    guard case .mapping(let given) = step, let name = given.first?.key,
                        let standard = kinds.first(where: { $0.node.mapping?[name] != nil })
                    else { continue }
                    steps[index] = try merge(step, onto: standard.node, at: ["steps"], path: path)
                    _ = try value(of: steps[index], like: standard.kind)
                }
                merged["steps"] = .sequence(steps)
            }
            return try value(of: merged, like: FeaturePipeline())
        }
        do { try pipeline.validate() } catch { throw RecipeError(path: path, problem: error.description) }
        return pipeline
    }

    static func text(of path: String) throws(RecipeError) -> String {
        let bytes: [UInt8]
        do throws(ManifestError) { bytes = try TextFile.bytes(path) } catch {
            throw RecipeError(path: path, problem: error.reason.description)
        }
        return String(decoding: TextFile.withoutByteOrderMark(bytes), as: UTF8.self)
    }

    /// Whatever goes wrong in `body` as an error of the file.
    static func reading<Value>(_ path: String, _ body: () throws -> Value) throws(RecipeError) -> Value {
        do { return try body() } catch let error as RecipeError {
            throw error
        } catch let error as YamlError {
            throw RecipeError(path: path, problem: "not YAML: \(error)".firstLine)
        } catch let error as DecodingError {
            throw RecipeError(path: path, problem: error.place)
        } catch {
            throw RecipeError(path: path, problem: "\(error)".firstLine)
        }
    }

    static func composed(_ yaml: String) throws -> Node { try Yams.compose(yaml: yaml) ?? Node.mapping(.init([])) }

    /// All fields of a value in the order of their declaration, numbers as a person would write them.
    static func node(of value: some Encodable) throws -> Node {
        let values = try JSONSerialization.jsonObject(with: Data(json(value).utf8))
        return try withShortNumbers(composed(YAMLEncoder().encode(value)), values)
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

    /// - Parameter defaults: tells what a field may be that has choices.
    static func value<Value: Decodable>(of node: Node, like defaults: Value) throws -> Value {
        do { return try YAMLDecoder().decode(Value.self, from: Yams.serialize(node: node)) } catch {
            guard case DecodingError.dataCorrupted(let context) = error else { throw error }
            let path = context.codingPath
            let names = path.filter { $0.intValue == nil }.map(\.stringValue)
            let field = names.reduce(defaults as Any?) { value, name in
                value.flatMap { Mirror(reflecting: $0).children.first { $0.label == name }?.value }
            }
            let choices: String
            switch field {
            case let choice as any (CaseIterable & RawRepresentable): choices = type(of: choice).choices
            case let list as any ListOfChoices: choices = list.choices
            default: throw error
            }
            let found = path.reduce(node as Node?) { node, key in
                key.intValue.map { node?.sequence?[$0] } ?? node?[key.stringValue]
            }
            throw Wrong("\(names.joined(separator: ".")) must be one of \(choices), not “\(found?.string ?? "")”")
        }
    }

    private struct Wrong: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }

    /// Fields in which two values of one type differ, by their paths.
    static func differences(
        from one: Node, to other: Node, at keys: [String] = []
    ) -> [(field: String, from: String, to: String)] {
        guard case .mapping(let fields) = one, case .mapping(let others) = other else {
            let (from, to) = (inLine(one), inLine(other))
            return from == to ? [] : [(keys.joined(separator: "."), from, to)]
        }
        return fields.flatMap { key, value in
            others[key].map { differences(from: value, to: $0, at: keys + [key.string ?? ""]) } ?? []
        }
    }

    /// A value on one line.
    static func inLine(_ value: Node) -> String {
        var value = value
        if case .sequence(var sequence) = value {
            sequence.style = .flow
            value = .sequence(sequence)
        }
        let text = (try? Yams.serialize(node: value, width: -1)) ?? ""
        return String(text.prefix { $0 != "\n" })
    }

    /// A node with `training.epochs=3` and more such changes.
    ///
    /// - Parameter reading: what else is done to a change.
    static func changed(
        _ node: Node, _ changes: [String], shared: Shared? = nil, reading: (Node) -> Node = { $0 }
    ) throws -> Node {
        try changes.reduce(node) { node, change in
            try merge(reading(given(by: change)), onto: node, shared: shared, path: change)
        }
    }

    static func merge(
        _ given: Node, onto defaults: Node, shared: Shared? = nil, at keys: [String] = [], path: String
    ) throws -> Node {
        guard case .mapping(var known) = defaults else { return given }
        guard case .mapping(var fields) = given else {
            if keys.isEmpty, given.string == "" { return defaults }  // an empty file
            let place = keys.isEmpty ? "the file" : keys.joined(separator: ".")
            throw RecipeError(path: path, problem: "\(place) must be a section of fields")
        }
        var elsewhere: [String] = []
        if let shared, keys == shared.section, case .mapping(let side)? = known[Node(shared.sides[0])] {
            elsewhere = side.keys.compactMap(\.string)
            let common = Node.mapping(.init(fields.filter { $0.key.string.map(elsewhere.contains) ?? false }))
            for name in shared.sides {
                known[name] = try merge(common, onto: known[name] ?? Node(""), at: keys, path: path)
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
            known[name] = try merge(value, onto: standard, shared: shared, at: keys + [name], path: path)
        }
        return .mapping(known)
    }

    /// `training.epochs=3` as the mapping that it stands for.
    private static func given(by change: String) throws -> Node {
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
}

extension CaseIterable where Self: RawRepresentable {
    /// What a person can write for it.
    static var choices: String { allCases.map { "\($0.rawValue)" }.joined(separator: ", ") }
}

private protocol ListOfChoices {
    var choices: String { get }
}

extension Array: ListOfChoices where Element: CaseIterable & RawRepresentable {
    fileprivate var choices: String { Element.choices }
}

extension FeatureStep {
    /// One step of each kind.
    fileprivate static let kinds: [FeatureStep] = [
        .deltas(Deltas()), .normalisation(.none), .slidingNormalisation(SlidingNormalisation()), .stacking(Stacking()),
    ]
}

extension DecodingError {
    /// The field and what is wrong with it.
    fileprivate var place: String {
        let (context, expected): (Context, String) =
            switch self {
            case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
                (context, "must be \(Self.name(of: type))")
            case .keyNotFound(let key, let context): (context, "lacks \(key.stringValue)")
            case .dataCorrupted(let context): (context, context.debugDescription)
            @unknown default: (Context(codingPath: [], debugDescription: ""), "is not understood")
            }
        return
            "\(context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")) \(expected)"
            .firstLine
    }

    /// What a person is asked for.
    private static func name(of type: any Any.Type) -> String {
        switch type {
        case is any BinaryInteger.Type: "a whole number"
        case is any BinaryFloatingPoint.Type: "a number"
        case is Bool.Type: "true or false"
        case is String.Type: "a text"
        case is Node.Sequence.Type: "a list"
        default: "a \(type)"
        }
    }
}

extension String {
    fileprivate var firstLine: String { String(split(separator: "\n", maxSplits: 1).first ?? "") }
}
