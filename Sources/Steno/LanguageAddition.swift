import Foundation
import StenoModels
import StenoText
import StenoTraining

/// Gives a model an n-gram model of the characters of texts.
package struct LanguageAddition: Sendable {
    private let options: NGramEstimation.Options
    private let languageWeight: Double?

    /// - Parameters:
    ///   - order: characters of the longest n-grams.
    ///   - pruning: see ``NGramEstimation/Options``.
    ///   - languageWeight: the model's standard factor of the n-gram model's score; nil for what it has.
    package init(order: Int, pruning: Double, languageWeight: Double?) {
        var options = NGramEstimation.Options()
        (options.order, options.pruning) = (order, pruning)
        self.options = options
        self.languageWeight = languageWeight
    }

    /// What was estimated.
    package struct Summary: Sendable, Encodable, CustomStringConvertible {
        package let path: String
        package let texts: Int
        /// Characters, words or subwords, an end for each text among them.
        package let tokens: Int
        package let kind: Vocabulary.Kind
        /// Lines with anything that the model does not write.
        package let leftOut: Int
        package let ngrams: Int
        package let bytes: Int
        /// On the held-out texts, ends included.
        package let bitsPerToken: Double?

        private enum CodingKeys: String, CodingKey {
            case path, texts, tokens, kind
            case leftOut = "left_out"
            case ngrams, bytes
            case bitsPerToken = "bits_per_token"
        }

        package var description: String {
            "\(path): \(ngrams) n-grams in \(bytes) bytes, of \(texts) texts of \(tokens) \(kind.rawValue)"
                + (leftOut > 0 ? "; \(leftOut) lines left out" : "")
                + (bitsPerToken.map { "; \($0.rounded(digits: 3)) bits each on held-out texts" } ?? "")
        }
    }

    /// Estimates from `texts` and writes the model with the result to `output`.
    ///
    /// - Parameters:
    ///   - texts: files of one sentence a line; "-" is standard input.
    ///   - name: a path or the name of a model.
    ///   - heldOut: texts to measure on.
    package func add(
        texts paths: [String], to name: String, output: String, heldOut: String?
    ) throws(StenoError) -> Summary {
        var (path, trained) = try ModelLocation.load(name)
        let vocabulary = trained.vocabulary
        var estimation: NGramEstimation
        do throws(NGramError) {
            estimation = try NGramEstimation(symbols: vocabulary.count, options: options)
        } catch { throw .model("\(path): \(error)") }

        var leftOut = 0
        for path in paths {
            for line in try lines(of: path) {
                if let tokens = try? vocabulary.encode(line) { estimation.add(tokens) } else { leftOut += 1 }
            }
        }
        guard estimation.texts > 0 else {
            throw .option(
                name: "the texts", expected: "lines of the characters “\(vocabulary.characters)”",
                found: leftOut > 0 ? "others in each of \(leftOut) lines" : "no line")
        }
        let model: NGramModel
        do throws(NGramError) { model = try estimation.model() } catch { throw .model("\(path): \(error)") }
        trained.language = LanguageModel(
            LanguageModel.Description(
                order: model.order, symbols: model.symbols, texts: estimation.texts, tokens: estimation.count,
                sources: paths.map { ($0 as NSString).lastPathComponent }),
            model: model)
        if let languageWeight { trained.search.languageWeight = languageWeight }
        let bits = try heldOut.map { (path) throws(StenoError) in try bitsPerToken(of: path, model, vocabulary) }
        do throws(FileError) { try trained.write(to: output, matrices: .float16) } catch {
            throw StenoError(model: error)
        }
        return Summary(
            path: output, texts: estimation.texts, tokens: estimation.count, kind: vocabulary.kind, leftOut: leftOut,
            ngrams: model.count, bytes: model.trie.bytes, bitsPerToken: bits)
    }

    private func bitsPerToken(
        of path: String, _ model: NGramModel, _ vocabulary: Vocabulary
    ) throws(StenoError) -> Double {
        var (sum, count) = (0.0, 0)
        for line in try lines(of: path) {
            guard let tokens = try? vocabulary.encode(line) else { continue }
            sum += model.logProbability(of: tokens.map { Int32($0) })
            count += tokens.count + 1
        }
        guard count > 0 else {
            throw .option(name: "the held-out texts", expected: "lines that the model can write", found: "none")
        }
        return -sum / Double(count) / log(2)
    }

    private func lines(of path: String) throws(StenoError) -> [String] {
        do throws(ManifestError) { return try textLines(path) } catch { throw .corpus(error.description) }
    }
}
