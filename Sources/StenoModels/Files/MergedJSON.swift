import Foundation

/// Options as an older file states them: what it does not name keeps its default.
func decoded<Value: Codable>(_ text: String, onto defaults: Value) throws -> Value {
    let standard = try JSONSerialization.jsonObject(with: JSONEncoder().encode(defaults))
    let given = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
    let data = try JSONSerialization.data(withJSONObject: merged(given, onto: standard), options: .fragmentsAllowed)
    return try JSONDecoder().decode(Value.self, from: data)
}

private func merged(_ given: Any, onto standard: Any) -> Any {
    guard let fields = given as? [String: Any], var result = standard as? [String: Any] else { return given }
    for (key, value) in fields { result[key] = result[key].map { merged(value, onto: $0) } ?? value }
    return result
}
