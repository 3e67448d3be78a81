import StenoText

/// An n-gram model in a model's file: four tensors of bytes, and a description in the metadata.
package struct LanguageModel: Sendable {
    package struct Description: Codable, Hashable, Sendable {
        package var order: Int
        /// Tokens of the vocabulary, special ones included.
        package var symbols: Int
        /// Of the texts that it was estimated from: their number, their tokens, and the names of the files.
        package var texts: Int
        package var tokens: Int
        package var sources: [String]

        package init(order: Int, symbols: Int, texts: Int, tokens: Int, sources: [String]) {
            (self.order, self.symbols, self.texts, self.tokens) = (order, symbols, texts, tokens)
            self.sources = sources
        }
    }

    package let description: Description
    package let model: NGramModel

    package init(_ description: Description, model: NGramModel) {
        (self.description, self.model) = (description, model)
    }

    private enum Name {
        static let tokens = "language.tokens", shares = "language.shares"
        static let children = "language.children", rests = "language.rests"
    }

    init(_ description: Description, in file: SafeTensors) throws(FileError) {
        let trie = NGramModel.Trie(
            tokens: try file.bytes(Name.tokens), shares: try file.bytes(Name.shares),
            children: try file.bytes(Name.children), rests: try file.bytes(Name.rests))
        do throws(NGramError) {
            model = try NGramModel(order: description.order, symbols: description.symbols, trie: trie)
        } catch {
            throw .malformed(path: file.path, expected: "a sane n-gram model", found: error.description)
        }
        self.description = description
    }

    var contents: [(name: String, contents: SafeTensors.Contents)] {
        let trie = model.trie
        return [
            (Name.tokens, .bytes(trie.tokens)), (Name.shares, .bytes(trie.shares)),
            (Name.children, .bytes(trie.children)), (Name.rests, .bytes(trie.rests)),
        ]
    }
}
