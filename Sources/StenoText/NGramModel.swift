import Foundation

/// An interpolated n-gram model of token sequences: the probability of each next token after the last `order - 1`.
///
///     p(c | h) = share(h c) + rest(h) p(c | h without its first token)
///
/// The n-grams are the nodes of a trie, numbered level by level from 0, the empty one; children of a node follow each
/// other in ascending order of their tokens. Shares and rests are kept in a byte each, so that a node takes two bytes
/// and one with children four; see ``NGramEstimation`` for where they come from.
package struct NGramModel: Hashable, Sendable {
    /// Tokens of the longest n-gram.
    package let order: Int
    /// Tokens of the vocabulary.
    package let symbols: Int
    /// Bytes of the trie, as a file holds them.
    package let trie: Trie
    /// Of each inner node the number of its first child, and the number of nodes.
    package let first: [UInt32]
    /// Of each node what it adds to its token's probability.
    package let shares: [Float]
    /// Of each inner node what is left to the shorter context; with the shares of its children it sums to 1.
    package let rests: [Float]

    /// Tokens, shares (as ``ByteScale`` has them), numbers of children and rests, by node; the last two only of the
    /// nodes up to the last one with children.
    package struct Trie: Hashable, Sendable {
        package var tokens: [UInt8]
        package var shares: [UInt8]
        package var children: [UInt8]
        package var rests: [UInt8]

        package init(tokens: [UInt8], shares: [UInt8], children: [UInt8], rests: [UInt8]) {
            (self.tokens, self.shares, self.children, self.rests) = (tokens, shares, children, rests)
        }

        package var bytes: Int { 2 * tokens.count + 2 * children.count }
    }

    /// Most tokens of a vocabulary: an n-gram's token is a byte.
    package static let mostSymbols = 255
    package static let mostOrder = 32

    package init(order: Int, symbols: Int, trie: Trie) throws(NGramError) {
        let (nodes, inner) = (trie.tokens.count, trie.children.count)
        guard (1...Self.mostOrder).contains(order), (1...Self.mostSymbols).contains(symbols) else {
            throw .size(order: order, symbols: symbols)
        }
        guard nodes >= 1, trie.shares.count == nodes, (1...nodes).contains(inner), trie.rests.count == inner,
            trie.children.reduce(1, { $0 + Int($1) }) == nodes
        else { throw .damaged("numbers of nodes and children that agree") }
        var first = [UInt32](repeating: 0, count: inner + 1)
        var shares = [Float](repeating: 0, count: nodes)
        var rests = [Float](repeating: 1, count: inner)
        var next = 1
        for node in 0..<inner {
            let end = next + Int(trie.children[node])
            first[node] = UInt32(next)
            // A child comes after its parent: what makes it a tree.
            guard next > node || end == next else { throw .damaged("children after their parents") }
            if next < end {
                rests[node] = ByteScale.value(trie.rests[node])
                var sum: Float = 0
                var last = -1
                for child in next..<end {
                    guard Int(trie.tokens[child]) > last, Int(trie.tokens[child]) < symbols else {
                        throw .damaged("tokens in ascending order, below \(symbols)")
                    }
                    last = Int(trie.tokens[child])
                    shares[child] = ByteScale.value(trie.shares[child])
                    sum += shares[child]
                }
                // Bytes are coarse; what they say together is made to sum to 1.
                if sum > 0 {
                    for child in next..<end { shares[child] *= (1 - rests[node]) / sum }
                } else {
                    rests[node] = 1
                }
            }
            next = end
        }
        first[inner] = UInt32(next)
        (self.order, self.symbols, self.trie) = (order, symbols, trie)
        (self.first, self.shares, self.rests) = (first, shares, rests)
    }

    /// Natural log-probability of a text, without start and end, and of its end.
    package func logProbability(of text: some Sequence<Int32>) -> Double {
        // The nodes of the last 0, 1, 2 ... tokens.
        var context = [0, child(of: 0, Int32(Vocabulary.start))].compactMap { $0 }
        var sum = 0.0
        for token in Array(text) + [Int32(Vocabulary.end)] {
            var probability = 1 / Float(symbols)
            var next = [0]
            for node in context where node < rests.count {
                let child = child(of: node, token)
                probability = probability * rests[node] + (child.map { shares[$0] } ?? 0)
                if let child, next.count < order { next.append(child) }
            }
            sum += Double(log(max(probability, 1e-30)))
            context = next
        }
        return sum
    }

    private func child(of node: Int, _ token: Int32) -> Int? {
        guard node < rests.count else { return nil }
        return (Int(first[node])..<Int(first[node + 1])).first { trie.tokens[$0] == UInt8(truncatingIfNeeded: token) }
    }

    /// N-grams of all lengths.
    package var count: Int { trie.tokens.count - 1 }
}

package enum NGramError: Error, Equatable, CustomStringConvertible {
    case size(order: Int, symbols: Int)
    case damaged(String)

    package var description: String {
        switch self {
        case .size(let order, let symbols):
            "an n-gram model has an order of 1 to \(NGramModel.mostOrder) and at most \(NGramModel.mostSymbols) tokens, "
                + "not \(order) and \(symbols)"
        case .damaged(let expected): "the n-gram model is damaged: expected \(expected)"
        }
    }
}

/// Probabilities as bytes: 0 is 0, 255 is 1, the others lie between at equal ratios of about 1.065.
enum ByteScale {
    private static let step: Float = 0.0625
    private static let values: [Float] = (0...255).map { $0 == 0 ? 0 : exp(-Float(255 - $0) * step) }

    static func value(_ byte: UInt8) -> Float { values[Int(byte)] }

    /// The nearest byte; only 0 becomes 0.
    static func byte(_ value: Float) -> UInt8 {
        guard value > 0 else { return 0 }
        return UInt8(min(max((255 + log(value) / step).rounded(), 1), 255))
    }
}
