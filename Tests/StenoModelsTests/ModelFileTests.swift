import AudioFrontEnd
import Foundation
import StenoModels
import StenoTensor
import StenoTestSupport
import StenoText
import Testing

@Suite struct ModelFileTests {
    @Test(arguments: ModelOptions.Input.allCases, TrainedModel.MatrixStorage.allCases)
    func aModelComesBack(_ input: ModelOptions.Input, matrices: TrainedModel.MatrixStorage) throws {
        let folder = try TemporaryFolder()
        let model = smallModel(input)
        try model.write(to: folder.path("m.safetensors"), matrices: matrices)
        let again = try TrainedModel(path: folder.path("m.safetensors"))
        #expect(again.model.options == model.model.options)
        #expect(again.vocabulary == model.vocabulary)
        #expect(again.search == model.search)
        #expect(again.provenance == model.provenance)
        switch (again.input, model.input) {
        case (.audio(let features, let normalisation), .audio(let expectedFeatures, let expectedNormalisation)):
            #expect(features == expectedFeatures && normalisation == expectedNormalisation)
        case (.text(let vocabulary), .text(let expected)): #expect(vocabulary == expected)
        default: Issue.record("another kind of source")
        }
        for (entry, (found, expected)) in zip(
            model.model.layout.entries, zip(again.weights.tensors, model.weights.tensors))
        {
            switch entry.isMatrix ? matrices : .float32 {
            case .float32: #expect(found.values == expected.values)
            case .float16:
                #expect(zip(found.values, expected.values).allSatisfy { abs($0 - $1) <= abs($1) / 2048 + 1e-7 })
            case .int8:
                let largest = expected.values.map(abs).max() ?? 0
                #expect(zip(found.values, expected.values).allSatisfy { abs($0 - $1) <= largest / 253 })
            }
        }
    }

    @Test func aLanguageModelComesBack() throws {
        let folder = try TemporaryFolder()
        let model = try smallModelWithLanguage()
        try model.write(to: folder.path("m.safetensors"), matrices: .float16)
        let again = try TrainedModel(path: folder.path("m.safetensors"))
        #expect(again.language?.description == model.language?.description)
        #expect(again.language?.model == model.language?.model)
        #expect(try SafeTensors(path: folder.path("m.safetensors")).shape(of: "language.tokens")?.count == 1)
    }

    @Test func aDamagedLanguageModelIsRefused() throws {
        func error(_ change: (inout Parts) throws -> Void) throws -> String {
            let folder = try TemporaryFolder()
            var parts = Parts(try smallModelWithLanguage())
            try change(&parts)
            try parts.write(to: folder.path("m"))
            return try #require(throws: FileError.self) { try TrainedModel(path: folder.path("m")) }.reason
        }
        #expect(
            try error { try $0.replace(#""symbols":6"#, by: #""symbols":7"#, in: "steno.language") }
                == "expected a language model of 6 tokens, found one of 7")
        #expect(try error { $0.bytes[0].bytes[1] = 250 }.contains("tokens in ascending order, below 6"))
        #expect(try error { $0.bytes[2].bytes.removeLast() }.contains("that agree"))
        #expect(try error { $0.bytes.removeLast() }.contains("a tensor named language.rests, found none"))
        let asNumbers = try error { parts in
            parts.tensors.append((name: "language.rests", tensor: Tensor(zeros: [3]), type: .float32))
            parts.bytes.removeLast()
        }
        #expect(asNumbers == "expected bytes in language.rests, found F32")
    }

    /// Fields that were added later have their defaults in a file that does not name them.
    @Test func anOlderFileIsRead() throws {
        let folder = try TemporaryFolder()
        var parts = Parts(smallModel())
        let older = [
            "steno.model": #"{"input":"audio","encoder":{"subsampling":2,"channels":2,"input":4,"layers":1,"units":3},"#
                + #""decoder":{"embedding":2,"units":3,"attention":2,"readout":3}}"#,
            "steno.provenance": #"{"steps":5}"#, "steno.search": #"{"beam":4}"#,
        ]
        parts.metadata.merge(older) { $1 }
        try parts.write(to: folder.path("m"))
        let model = try TrainedModel(path: folder.path("m"))
        #expect(model.model.options.encoder.normalised)
        #expect(model.search.beam == 4 && model.search.ctcWeight == SearchOptions().ctcWeight)
        #expect(model.provenance.steps == 5 && model.provenance.recipe == "")

        parts.metadata["steno.search"] = nil
        parts.metadata["steno.provenance"] = nil
        try parts.write(to: folder.path("m"))
        #expect(try TrainedModel(path: folder.path("m")).search == SearchOptions())

        // And of a newer one, what this program does not know is passed over.
        parts.metadata["steno.search"] = #"{"beam":4,"thinking":"hard"}"#
        parts.metadata["steno.future"] = "{}"
        try parts.write(to: folder.path("m"))
        #expect(try TrainedModel(path: folder.path("m")).search.beam == 4)
    }

    // MARK: Damage

    private func error(_ input: ModelOptions.Input = .audio, _ change: (inout Parts) throws -> Void) throws -> String {
        let folder = try TemporaryFolder()
        var parts = Parts(smallModel(input))
        try change(&parts)
        try parts.write(to: folder.path("m"))
        let error = try #require(throws: FileError.self) { try TrainedModel(path: folder.path("m")) }
        #expect(error.description.hasPrefix(folder.path("m")) && !error.description.contains("\n"))
        return error.reason
    }

    @Test(arguments: ["format", "model", "vocabulary", "features", "normalisation", "search", "provenance"])
    func metadataThatIsNotJSONIsRefused(_ key: String) throws {
        for text in [
            "", "{", "nonsense", "[]", "\"text\"",
            "{\"kind\":3,\"tokens\":4,\"mode\":5,\"beam\":\"x\",\"steps\":{},"
                + "\"input\":7,\"sampleRate\":\"fast\"}",
        ] {
            #expect(try error { $0.metadata["steno.\(key)"] = text }.contains("steno.\(key)"), "\(text)")
        }
    }

    @Test(arguments: ["format", "vocabulary", "features", "normalisation"])
    func missingMetadataIsNamed(_ key: String) throws {
        #expect(
            try error { $0.metadata["steno.\(key)"] = nil } == "expected a Steno model with steno.\(key), found none")
    }

    @Test func aTextModelNeedsItsSource() throws {
        #expect(try error(.text) { $0.metadata["steno.source"] = nil }.contains("steno.source"))
    }

    @Test(arguments: ["0", "2", "-1", "99999999999999999999"]) func anotherFormatIsRefused(_ version: String) throws {
        #expect(try error { $0.metadata["steno.format"] = version }.contains("format"))
    }

    @Test(arguments: [
        ("model", "\"layers\":1", "\"layers\":0"), ("model", "\"layers\":1", "\"layers\":-5"),
        ("model", "\"layers\":1", "\"layers\":1000000000"), ("model", "\"layers\":1", "\"layers\":9e99"),
        ("model", "\"units\":3", "\"units\":0"), ("model", "\"units\":3", "\"units\":9000000000000000000"),
        ("model", "\"channels\":2", "\"channels\":70000"), ("model", "\"subsampling\":2", "\"subsampling\":3"),
        ("model", "\"input\":\"audio\"", "\"input\":\"smell\""), ("model", "\"dropout\":0.2", "\"dropout\":\"nan\""),
        ("model", "\"dropout\":0.2", "\"dropout\":1"), ("search", "\"beam\":3", "\"beam\":0"),
        ("search", "\"beam\":3", "\"beam\":1000000"), ("search", "\"ctcWeight\":0.3", "\"ctcWeight\":\"inf\""),
        ("features", "\"melBins\":6", "\"melBins\":0"), ("features", "\"melBins\":6", "\"melBins\":1000000000"),
        ("features", "\"sampleRate\":16000", "\"sampleRate\":-1"),
        ("features", "\"hopSeconds\":0.01", "\"hopSeconds\":0"),
    ])
    func optionsOutOfRangeAreRefused(_ key: String, _ old: String, _ new: String) throws {
        _ = try error { try $0.replace(old, by: new, in: "steno.\(key)") }
    }

    /// The largest sizes that pass as options are refused by the file's shapes, before anything is allocated.
    @Test(arguments: [
        ("\"units\":3", "\"units\":65536"), ("\"channels\":2", "\"channels\":65536"), ("\"layers\":1", "\"layers\":64"),
    ])
    func shapesThatAreNotTheOptionsAreRefused(_ old: String, _ new: String) throws {
        #expect(try error { try $0.replace(old, by: new, in: "steno.model") }.contains("shape"))
    }

    @Test func aVocabularyThatDoesNotFitIsRefused() throws {
        #expect(try error { try $0.replace(",\"b\"", by: "", in: "steno.vocabulary") }.contains("shape"))
        #expect(try error { try $0.replace("\"b\"", by: "\"b\",\"c\"", in: "steno.vocabulary") }.contains("shape"))
        #expect(try error { try $0.replace("\"b\"", by: "\"a\"", in: "steno.vocabulary") }.contains("vocabulary"))
        #expect(try error { try $0.replace("\"b\"", by: "\"bb\"", in: "steno.vocabulary") }.contains("vocabulary"))
        #expect(try error { try $0.replace("<s>", by: "<t>", in: "steno.vocabulary") }.contains("vocabulary"))
        #expect(try error(.text) { try $0.replace("\"y\"", by: "\"y\",\"w\"", in: "steno.source") }.contains("shape"))
    }

    @Test func meansOfAnotherWidthAreRefused() throws {
        let found = try error {
            $0.metadata["steno.normalisation"] = #"{"mode":"global","means":[1,2],"deviations":[1,1,1,1,1,1]}"#
        }
        #expect(found == "expected means and deviations of 6 bins, found [2, 6]")
    }

    @Test func aMissingTensorIsNamed() throws {
        for index in [0, 5, 20] {
            let name = Parts(smallModel()).tensors[index].name
            #expect(try error { $0.tensors.remove(at: index) }.contains("\(name), found no such tensor"))
        }
        let transposed = try error { parts in
            let tensor = parts.tensors[0].tensor
            parts.tensors[0].tensor = tensor.reshaped([tensor.shape[1], tensor.shape[0]])
        }
        #expect(transposed.contains("found [2, 9]"))
    }

    /// Cut at every byte of the header and at many of the numbers.
    @Test func aFileThatWasCutIsRefused() throws {
        let folder = try TemporaryFolder()
        try smallModel().write(to: folder.path("whole"), matrices: .float16)
        let whole = try folder.bytes("whole")
        let header = 8 + whole.prefix(8).enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) }
        let places = Array(0...header) + stride(from: header, to: whole.count, by: 7) + [whole.count - 1]
        for place in places {
            let path = try folder.write(Array(whole.prefix(place)), as: "cut")
            #expect(throws: FileError.self, "cut at \(place) of \(whole.count)") { try TrainedModel(path: path) }
        }
        let path = try folder.write(whole + [0], as: "longer")
        #expect(throws: FileError.self) { try TrainedModel(path: path) }
    }

    /// Some flips leave a model (numbers change, a name in the recipe does), none a crash.
    @Test func flippedBitsAreNoCrash() throws {
        let folder = try TemporaryFolder()
        try smallModel().write(to: folder.path("whole"), matrices: .float16)
        let whole = try folder.bytes("whole")
        let header = 8 + whole.prefix(8).enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) }
        var random = RandomStream(key: 77)
        var refused = 0
        for _ in 0..<1200 {
            var bytes = whole
            for _ in 0...(random.next() % 3) {
                bytes[Int(random.next() % UInt64(header))] ^= 1 << UInt8(random.next() % 8)
            }
            let path = try folder.write(bytes, as: "flipped")
            do throws(FileError) { _ = try TrainedModel(path: path) } catch { refused += 1 }
        }
        #expect(refused > 400)
    }
}
