import Foundation
import StenoTestSupport
import Testing

@Suite("steno corpus and model")
struct CorpusTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func plainFolder() throws -> String {
        for (name, text) in [("one", "Abc, cab!"), ("two", "cab")] {
            try folder.write(WaveBytes(spoken("abc cab")).file, as: "plain/\(name).wav")
            try folder.write(text, as: "plain/\(name).txt")
        }
        return folder.path("plain")
    }

    @Test func aFolderIsImportedAndChecked() throws {
        let plain = try plainFolder()
        try folder.write(WaveBytes(spoken("abc")).file, as: "plain/three.wav")
        let manifest = folder.path("plain.tsv")
        let result = try Program.run(["corpus", "import", "folder", plain, "-o", manifest, "--name", "office"])
        #expect(result.code == 0)
        #expect(result.output.hasPrefix("\(manifest): 2 utterances"))
        #expect(result.errorLines.count == 1 && result.errors.contains("three"))
        let check = try Program.run(["corpus", "check", manifest])
        #expect(check.code == 0 && check.errors.isEmpty)
        #expect(check.outputLines.first?.hasPrefix("office: 2 utterances") == true)

        try FileManager.default.removeItem(atPath: plain + "/two.wav")
        let again = try Program.run(["corpus", "check", manifest, "--json"])
        #expect(again.code == 1)
        #expect(again.errorLines.count == 1 && again.errors.contains("two"))
        let object = try JSONSerialization.jsonObject(with: Data(again.output.utf8)) as? [String: Any]
        #expect((object?["problems"] as? [String])?.count == 1)
    }

    @Test func jsonLinesAreWritten() throws {
        let manifest = folder.path("plain.jsonl")
        let result = try Program.run(["corpus", "import", "folder", plainFolder(), "-o", manifest, "--json"])
        #expect(result.code == 0)
        let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
        #expect(object?["utterances"] as? Int == 2)
        #expect(try String(contentsOfFile: manifest, encoding: .utf8).hasPrefix("{"))
        #expect(try Program.run(["corpus", "check", manifest]).code == 0)
    }

    @Test(
        "a folder of another kind is refused",
        arguments: ["librispeech", "ljspeech", "commonvoice", "vctk", "fsdd", "kaldi"])
    func otherKind(kind: String) throws {
        let result = try Program.run(["corpus", "import", kind, plainFolder(), "-o", folder.path("x.tsv")])
        #expect(result.code == 1)
        #expect(result.errorLines.count == 1)
        #expect(!FileManager.default.fileExists(atPath: folder.path("x.tsv")))
    }

    @Test func modelsDescribeThemselves() throws {
        let model = folder.path("tiny.safetensors")
        try tinyModel().write(to: model, matrices: .float16)
        let result = try Program.run(["model", "info", model, "--json"])
        #expect(result.code == 0)
        let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
        #expect(object?["vocabulary"] as? [String] == [" ", "a", "b", "c"])
        #expect(object?["parameters"] as? Int == tinyModel().model.layout.count)
        for key in ["architecture", "features", "normalisation", "search", "provenance", "bytes"] {
            #expect(object?[key] != nil, "\(key)")
        }
        let audio = try Program.run(["model", "info", model]).output
        #expect(audio.contains("beam 2, CTC weight 0.3") && audio.contains("epochs of 0.0 h"), "\(audio)")
        try tinyTextModel().write(to: model, matrices: .float16)
        let text = try Program.run(["model", "info", model]).output
        #expect(text.contains("beam 2, length penalty 0.0") && text.contains("0.0 epochs\n"), "\(text)")
        #expect(!text.contains("CTC") && !text.contains(" h\n"), "\(text)")
    }
}
