import Foundation

/// A value as it stands in a file's metadata: keys in order, infinities and NaN as strings.
package func json(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
        positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    // Values of options and state have no dates, keys or numbers left that JSON cannot hold.
    return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "null"
}

/// Options as an older file states them: what it does not name keeps its default.
package func decoded<Value: Codable>(_ text: String, onto defaults: Value) throws -> Value {
    let standard = try JSONSerialization.jsonObject(with: Data(json(defaults).utf8), options: .fragmentsAllowed)
    let given = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
    let data = try JSONSerialization.data(withJSONObject: merged(given, onto: standard), options: .fragmentsAllowed)
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
        positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try decoder.decode(Value.self, from: data)
}

private func merged(_ given: Any, onto standard: Any) -> Any {
    guard let fields = given as? [String: Any], var result = standard as? [String: Any] else { return given }
    for (key, value) in fields { result[key] = result[key].map { merged(value, onto: $0) } ?? value }
    return result
}
