import Foundation
import StenoText
import Testing

@Suite struct NGramTests {
    private static let vocabulary = Vocabulary(characters: " abc".unicodeScalars)
    private static let texts = [
        "abc", "abca", "cab cab", "a", "", "bb bb", "abcabcab", "c", "acb bca", "abc", "ab", "bca cab abc", "b a c",
    ]

    private func estimated(
        _ texts: [String] = texts, order: Int, pruning: Double = 1
    ) throws -> NGramModel {
        var options = NGramEstimation.Options()
        (options.order, options.pruning) = (order, pruning)
        var estimation = try NGramEstimation(symbols: Self.vocabulary.count, options: options)
        for text in texts { estimation.add(try Self.vocabulary.encode(text)) }
        #expect(estimation.count == texts.reduce(texts.count) { $0 + $1.count })
        return try estimation.model()
    }

    private func tokens(_ text: String) throws -> [Int32] { try Self.vocabulary.encode(text).map { Int32($0) } }

    /// The formula itself, by looking through all texts for every count.
    private struct Reference {
        let order: Int
        let texts: [[Int]]
        let symbols = NGramTests.vocabulary.count
        var discounts: [[Double]] = []

        init(_ texts: [String], order: Int) throws {
            self.order = order
            self.texts = try texts.map {
                [Vocabulary.start] + (try NGramTests.vocabulary.encode($0)) + [Vocabulary.end]
            }
            for length in 1...order {
                let ngrams = Set(all(length))
                let counts = ngrams.map { count($0) }
                let seen = (0...4).map { n in Double(counts.count { $0 == n }) }
                if seen.dropFirst().contains(0) {
                    discounts.append([0, 0.5, 0.5, 0.5])
                    continue
                }
                let y = seen[1] / (seen[1] + 2 * seen[2])
                let raw = [1 - 2 * y * seen[2] / seen[1], 2 - 3 * y * seen[3] / seen[2], 3 - 4 * y * seen[4] / seen[3]]
                discounts.append([0] + raw.enumerated().map { min(max($1, 0.1), Double($0 + 1) - 0.1) })
            }
        }

        private func all(_ length: Int) -> [[Int]] {
            texts.flatMap { text in
                text.count < length ? [] : (0...text.count - length).map { Array(text[$0..<$0 + length]) }
            }
        }

        func count(_ ngram: [Int]) -> Int {
            if ngram == [Vocabulary.start] { return 0 }
            if ngram.count == order || ngram[0] == Vocabulary.start { return all(ngram.count).count { $0 == ngram } }
            return Set(all(ngram.count + 1).filter { Array($0.dropFirst()) == ngram }.map { $0[0] }).count
        }

        func probability(_ token: Int, after context: [Int]) -> Double {
            let shorter =
                context.isEmpty ? 1 / Double(symbols) : probability(token, after: Array(context.dropFirst()))
            let counts = (0..<symbols).map { count(context + [$0]) }
            let total = Double(counts.reduce(0, +))
            guard total > 0 else { return shorter }
            let discount = discounts[context.count]
            let taken = counts.reduce(0.0) { $0 + discount[min($1, 3)] }
            return (Double(counts[token]) - discount[min(counts[token], 3)] + taken * shorter) / total
        }

        func logProbability(_ text: [Int]) -> Double {
            let whole = [Vocabulary.start] + text + [Vocabulary.end]
            return (1..<whole.count).reduce(0) { sum, place in
                sum + log(probability(whole[place], after: Array(whole[max(0, place - order + 1)..<place])))
            }
        }
    }

    /// Bytes hold a share and what is left to 3.2 % each.
    @Test(arguments: 1...5)
    func probabilitiesAreKneserNeys(_ order: Int) throws {
        let model = try estimated(order: order)
        let reference = try Reference(Self.texts, order: order)
        for text in ["abc", "", "a", "cab", "bbbb", "c c c", "acbacb", "abcabca"] {
            let tokens = try tokens(text)
            let (found, expected) = (model.logProbability(of: tokens), reference.logProbability(tokens.map(Int.init)))
            #expect(abs(found - expected) < 0.064 * Double(tokens.count + 1), "\(text): \(found), not \(expected)")
        }
    }

    @Test func pruningLeavesRareOnesOut() throws {
        let all = try estimated(order: 6)
        let some = try estimated(order: 6, pruning: 2)
        #expect(some.count < all.count / 2)
        // Those of up to three tokens stay.
        #expect(try estimated(order: 3, pruning: 9).count == (try estimated(order: 3)).count)
        let text = try tokens("abcab")
        #expect(abs(all.logProbability(of: text) - some.logProbability(of: text)) < 4)
    }

    @Test func seenTextsAreLikelier() throws {
        let model = try estimated(order: 4)
        #expect(model.logProbability(of: try tokens("abcabc")) > model.logProbability(of: try tokens("ccbbaa")) + 3)
    }

    @Test func modelsOfNothingAndOfOneTextWork() throws {
        #expect(try estimated([""], order: 3).logProbability(of: []) > -1)
        let model = try estimated([], order: 3)
        #expect(abs(model.logProbability(of: []) + log(Double(Self.vocabulary.count))) < 1e-5)
    }

    @Test func sizesAreChecked() {
        for (order, symbols) in [(0, 7), (33, 7), (3, 2), (3, 256)] {
            var options = NGramEstimation.Options()
            options.order = order
            #expect(throws: NGramError.self) { try NGramEstimation(symbols: symbols, options: options) }
        }
    }

    /// Whatever the bytes are: an error, or a model whose answers are finite.
    @Test func changedBytesAreNoCrash() throws {
        let trie = try estimated(order: 4).trie
        var generator = SystemRandomNumberGenerator()
        var refused = 0
        for _ in 0..<2000 {
            var changed = trie
            let byte = UInt8.random(in: 0...255, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: changed.tokens[Int.random(in: 0..<trie.tokens.count)] = byte
            case 1: changed.shares[Int.random(in: 0..<trie.shares.count)] = byte
            case 2: changed.children[Int.random(in: 0..<trie.children.count)] = byte
            default: changed.rests[Int.random(in: 0..<trie.rests.count)] = byte
            }
            do throws(NGramError) {
                let model = try NGramModel(order: 4, symbols: Self.vocabulary.count, trie: changed)
                #expect(model.logProbability(of: [3, 4, 5, 6, 3]).isFinite)
            } catch { refused += 1 }
        }
        #expect(refused > 100)
        for trie in [
            NGramModel.Trie(tokens: [], shares: [], children: [], rests: []),
            NGramModel.Trie(tokens: [0], shares: [0], children: [1], rests: [0]),
            // Node 1 would be its own child.
            NGramModel.Trie(tokens: [0, 3], shares: [0, 9], children: [0, 1], rests: [0, 0]),
        ] {
            #expect(throws: NGramError.self) { try NGramModel(order: 3, symbols: 7, trie: trie) }
        }
    }
}
