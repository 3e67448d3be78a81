/// Knows, token by token, how often a text's last stretch stands there in direct succession, for stretches of up to 64
/// tokens: what a decoder that has lost its place repeats.
struct RepetitionGuard {
    private static let longest = 64

    /// The last tokens, the latest first.
    private var tail: [Int32] = []
    /// `matches[p - 1]` of the latest tokens are the same as the one p before, so that the last p + matches tokens
    /// consist of stretches of length p.
    private var matches: [Int32] = []

    /// The most times that a stretch would stand in succession at the end, were `token` added.
    func repetitions(adding token: Int32) -> Int {
        var most = 1
        for index in tail.indices where tail[index] == token {
            most = max(most, (Int(matches[index]) + 1) / (index + 1) + 1)
        }
        return most
    }

    mutating func add(_ token: Int32) {
        for index in tail.indices { matches[index] = tail[index] == token ? matches[index] + 1 : 0 }
        tail.insert(token, at: 0)
        if tail.count > Self.longest { tail.removeLast() } else { matches.append(0) }
    }
}
