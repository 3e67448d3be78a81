import Foundation
import StenoModels
import StenoTensor
import StenoTestSupport
import StenoText
import Testing

/// Models whose vocabularies are subwords: the SentencePiece model is a tensor of bytes in their file.
@Suite struct SubwordModelTests {
    private let source: Vocabulary
    private let target: Vocabulary

    init() throws {
        var options = SubwordOptions()
        options.byteFallback = false
        let texts = ["die Straße ist nicht größer", "das ist die Übung", "die Häuser in der Straße"]
        source = Vocabulary(try Subwords(texts: texts, size: 40, options: options))
        target = Vocabulary(try Subwords(texts: texts, size: 35, options: options))
    }

    private func model(_ source: Vocabulary, _ target: Vocabulary) -> TrainedModel {
        let small = smallModel(.text)
        let input = ModelInput.text(source)
        let model = Model(options: small.model.options, source: input.kind, symbols: target.count)
        return TrainedModel(
            model: model, weights: Weights(model.layout, seed: 3), vocabulary: target, input: input,
            search: small.search)
    }

    private func source(of model: TrainedModel) -> Vocabulary? {
        guard case .text(let vocabulary) = model.input else { return nil }
        return vocabulary
    }

    @Test func aModelOfSubwordsComesBack() throws {
        let folder = try TemporaryFolder()
        try model(source, target).write(to: folder.path("m"), matrices: .float16)
        let again = try TrainedModel(path: folder.path("m"))
        #expect(again.vocabulary == target && self.source(of: again) == source)
        #expect(again.vocabulary.decode(try again.vocabulary.encode("die Straße")) == "die Straße")
    }

    @Test func aSharedModelIsInTheFileOnce() throws {
        let folder = try TemporaryFolder()
        try model(source, source).write(to: folder.path("m"), matrices: .float16)
        let names = try SafeTensors(path: folder.path("m")).names.filter { $0.hasPrefix("subwords.") }
        #expect(names == [source.subwords?.name])
        let again = try TrainedModel(path: folder.path("m"))
        #expect(again.vocabulary == source && self.source(of: again) == source)
    }

    @Test func aDamagedOrMissingSubwordModelIsRefused() throws {
        let folder = try TemporaryFolder()
        try model(source, source).write(to: folder.path("m"), matrices: .float16)
        let whole = try folder.bytes("m")
        let bytes = try #require(source.subwords?.model)
        let place = try #require(whole.indices.first { whole[$0...].starts(with: bytes) })
        var damaged = whole
        damaged[place + bytes.count / 2] ^= 4
        _ = try folder.write(damaged, as: "damaged")
        let error = try #require(throws: FileError.self) { try TrainedModel(path: folder.path("damaged")) }
        #expect(error.reason.contains("steno.vocabulary"))

        // Under another name, so that the vocabulary's is missing.
        let name = Array("\"\(try #require(source.subwords?.name))\":".utf8)
        let header = try #require(whole.indices.first { whole[$0...].starts(with: name) })
        var renamed = whole
        renamed[header + 1] = UInt8(ascii: "x")
        _ = try folder.write(renamed, as: "renamed")
        #expect(throws: FileError.self) { try TrainedModel(path: folder.path("renamed")) }
    }
}
