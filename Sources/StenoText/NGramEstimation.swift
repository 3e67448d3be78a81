/// Estimates an n-gram model from texts by interpolated modified Kneser-Ney smoothing.
///
///     p(c | h) = max(a(h c) - D(a(h c)), 0) / Σ_c' a(h c') + rest(h) p(c | h without its first token)
///
/// where `a` is the number of occurrences of an n-gram of the highest order or at the beginning of a text, and of
/// others the number of different tokens that stand before them; the discount D of 1, 2, and 3 or more comes from how
/// many n-grams of that length have such counts. What is taken off, and n-grams that are left out because they are
/// rare, go to `rest`. Chen, Goodman 1999, "An empirical study of smoothing techniques for language modeling", sec. 3.
///
/// Memory: 5 bytes for each token of the texts, and tens of bytes for each different n-gram of one length.
package struct NGramEstimation {
    package struct Options: Hashable, Sendable {
        /// Tokens of the longest n-grams.
        package var order = 10
        /// An n-gram of n tokens is kept if it occurs at least `pruning` to the power of n - 3 times; 1 keeps all.
        package var pruning = 1.5

        package init() {}

        package var complaint: String? {
            if !(1...NGramModel.mostOrder).contains(order) {
                return "the order must be from 1 to \(NGramModel.mostOrder)"
            }
            return (1...100).contains(pruning) ? nil : "the pruning must be from 1 to 100"
        }

        /// Fewest occurrences of an n-gram of `length` tokens that is kept.
        func minimumCount(length: Int) -> Int {
            var count = 1.0
            for _ in 0..<max(0, length - 3) { count *= pruning }
            return Int(count.rounded())
        }
    }

    private let options: Options
    private let symbols: Int
    /// All texts, each with the start before and the end after it.
    private var tokens: [UInt8] = []
    package private(set) var texts = 0

    /// - Parameter symbols: tokens of the vocabulary, special ones included, at most ``NGramModel/mostSymbols``.
    package init(symbols: Int, options: Options) throws(NGramError) {
        guard options.complaint == nil, (3...NGramModel.mostSymbols).contains(symbols) else {
            throw .size(order: options.order, symbols: symbols)
        }
        (self.symbols, self.options) = (symbols, options)
    }

    /// Adds a text's tokens, without start and end.
    package mutating func add(_ text: some Sequence<Int>) {
        tokens.append(UInt8(Vocabulary.start))
        tokens.append(contentsOf: text.lazy.map { UInt8($0) })
        tokens.append(UInt8(Vocabulary.end))
        texts += 1
    }

    /// Tokens of all texts, ends included.
    package var count: Int { tokens.count - texts }

    /// The model of what was added.
    package func model() throws(NGramError) -> NGramModel {
        var trie = NGramModel.Trie(tokens: [0], shares: [0], children: [], rests: [])
        // Of each place the node of the n-gram that ends there, -1 if there is none.
        var nodes = [Int32](repeating: 0, count: tokens.count)
        var parents = 0..<1
        for length in 1...options.order {
            let level = NGramLevel(
                tokens: tokens, nodes: &nodes, parents: parents, length: length, isLast: length == options.order,
                symbols: symbols, minimumCount: options.minimumCount(length: length))
            trie.tokens += level.keptTokens
            trie.shares += level.shares.map(ByteScale.byte)
            trie.children += level.children.map { UInt8($0) }
            trie.rests += level.rests.map(ByteScale.byte)
            parents = parents.upperBound..<trie.tokens.count
            if parents.isEmpty { break }
        }
        return try NGramModel(order: options.order, symbols: symbols, trie: trie)
    }
}

/// All n-grams of one length.
private struct NGramLevel {
    /// Of the n-grams that are kept, in the order of their numbers.
    var keptTokens: [UInt8] = []
    var shares: [Float] = []
    /// Of the nodes one level up.
    var children: [Int]
    var rests: [Float]

    /// - Parameters:
    ///   - nodes: of each place the node of the n-gram one shorter that ends there; becomes that of this length.
    ///   - parents: numbers of those nodes.
    init(
        tokens: [UInt8], nodes: inout [Int32], parents: Range<Int>, length: Int, isLast: Bool, symbols: Int,
        minimumCount: Int
    ) {
        let (start, words) = (UInt8(Vocabulary.start), (symbols + 63) / 64)
        var found = PairNumbers()
        var counts: [Int] = []
        // Of each n-gram the set of the tokens that stand before it, and whether it begins a text.
        var before: [UInt64] = []
        var begins: [Bool] = []
        // Backwards, so that the shorter n-gram at the place before is still there.
        for place in tokens.indices.reversed() {
            let context = place > 0 ? nodes[place - 1] : -1
            let parent = length == 1 ? 0 : tokens[place] == start ? -1 : context
            guard parent >= 0 else {
                nodes[place] = -1
                continue
            }
            let number = found.number(of: parent, tokens[place])
            if number == counts.count {
                counts.append(0)
                begins.append(tokens[place + 1 - length] == start)
                if !isLast { before.append(contentsOf: repeatElement(0, count: words)) }
            }
            counts[number] += 1
            if !isLast && !begins[number] {
                let token = Int(tokens[place - length])
                before[number * words + token / 64] |= 1 << UInt64(token % 64)
            }
            nodes[place] = Int32(number)
        }

        let adjusted = counts.indices.map { number in
            if isLast || begins[number] {
                // A text's start is never what comes next.
                return length == 1 && found.token(number) == start ? 0 : counts[number]
            }
            return (0..<words).reduce(0) { $0 + before[number * words + $1].nonzeroBitCount }
        }
        let discounts = Self.discounts(adjusted)
        var totals = [Int](repeating: 0, count: parents.count)
        for number in counts.indices { totals[Int(found.parent(number)) - parents.lowerBound] += adjusted[number] }

        let kept = counts.indices.filter { counts[$0] >= minimumCount }.sorted {
            (found.parent($0), found.token($0)) < (found.parent($1), found.token($1))
        }
        children = [Int](repeating: 0, count: parents.count)
        rests = [Float](repeating: 1, count: parents.count)
        var places = [Int32](repeating: -1, count: counts.count)
        for (place, number) in kept.enumerated() {
            let parent = Int(found.parent(number)) - parents.lowerBound
            let count = adjusted[number]
            let share = totals[parent] > 0 ? (Float(count) - discounts[min(count, 3)]) / Float(totals[parent]) : 0
            keptTokens.append(found.token(number))
            shares.append(share)
            children[parent] += 1
            rests[parent] -= share
            places[number] = Int32(parents.upperBound + place)
        }
        for place in nodes.indices where nodes[place] >= 0 { nodes[place] = places[Int(nodes[place])] }
    }

    /// What is taken off counts of 0, 1, 2, and 3 or more (Chen and Goodman, eq. 26).
    private static func discounts(_ counts: [Int]) -> [Float] {
        var seen = [Float](repeating: 0, count: 5)
        for count in counts where (1...4).contains(count) { seen[count] += 1 }
        guard (1...4).allSatisfy({ seen[$0] > 0 }) else { return [0, 0.5, 0.5, 0.5] }
        let ratio = seen[1] / (seen[1] + 2 * seen[2])
        return [0]
            + (1...3).map { count in
                let discount = Float(count) - Float(count + 1) * ratio * seen[count + 1] / seen[count]
                return min(max(discount, 0.1), Float(count) - 0.1)
            }
    }
}

/// Numbers pairs of a node and a token in the order of their first appearance: a hash table with open addressing.
private struct PairNumbers {
    private var pairs: [UInt64] = []
    private var slots = [Int32](repeating: -1, count: 1 << 10)
    private var shift: UInt64 = 64 - 10

    func parent(_ number: Int) -> Int32 { Int32(truncatingIfNeeded: pairs[number] >> 8) }
    func token(_ number: Int) -> UInt8 { UInt8(truncatingIfNeeded: pairs[number]) }

    mutating func number(of parent: Int32, _ token: UInt8) -> Int {
        let pair = UInt64(UInt32(bitPattern: parent)) << 8 | UInt64(token)
        var slot = place(of: pair)
        while slots[slot] >= 0 {
            let number = Int(slots[slot])
            if pairs[number] == pair { return number }
            slot = (slot + 1) & (slots.count - 1)
        }
        slots[slot] = Int32(pairs.count)
        pairs.append(pair)
        if 2 * pairs.count > slots.count { grow() }
        return pairs.count - 1
    }

    /// Multiplicative hashing by the golden ratio (Knuth, The Art of Computer Programming 3, 6.4).
    private func place(of pair: UInt64) -> Int { Int((pair &* 0x9E37_79B9_7F4A_7C15) >> shift) }

    private mutating func grow() {
        slots = [Int32](repeating: -1, count: 2 * slots.count)
        shift -= 1
        for (number, pair) in pairs.enumerated() {
            var slot = place(of: pair)
            while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = Int32(number)
        }
    }
}
