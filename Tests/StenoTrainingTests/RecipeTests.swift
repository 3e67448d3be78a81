import Foundation
import StenoModels
import StenoTestSupport
import StenoTraining
import Testing
import Yams

@Suite struct RecipeTests {
    @Test func anEmptyFileIsTheDefaults() throws {
        #expect(try Recipe(yaml: "", path: "r.yaml") == Recipe())
        #expect(try Recipe(yaml: "# nothing\n", path: "r.yaml") == Recipe())
        #expect(try Recipe(yaml: "training: {}\n", path: "r.yaml") == Recipe())
    }

    /// What a field may be set to beside its default.
    private static let others: [String: String] = [
        "data.train": "[a.tsv, b.tsv]", "data.dev": "[c.tsv]", "data.corpora": "[x]", "data.heldOut": "\"^dev-\\\\d\"",
        "features.window": "hann", "features.spectrum": "magnitude", "features.melScale": "slaney",
        "features.melSlope": "hertz", "features.framing": "centred", "features.edges": "reflect",
        "model.encoder.subsampling": "2", "training.startFrom": "model.safetensors", "training.speeds": "[1.0]",
        "training.precision": "bfloat16", "training.selectBy": "loss", "training.optimiser.schedule": "exponential",
        "features.transformPoints": "1024",
        "model.architecture": "recurrent", "model.encoder.cell": "lstm",
        "model.decoder.cell": "lstm", "model.transformer.activation": "gelu",
        "model.transformer.positions": "learned", "model.decoder.locationWidth": "15",
        "features.highHertz": "-100", "features.frameSamples": "300", "features.hopSamples": "100",
        "features.rounding": "halfUp", "features.windowPlacement": "centred", "features.preEmphasisScope": "signal",
        "features.output": "mfcc", "features.compression": "decibels", "features.floorRule": "added",
        "features.cosineTransform": "htk", "features.energy": "lastColumn", "features.energySource": "spectrum",
        "data.vocabulary.source.kind": "words", "data.vocabulary.target.kind": "subwords",
        "data.vocabulary.source.subwords.algorithm": "unigram", "data.vocabulary.target.subwords.algorithm": "unigram",
        "data.vocabulary.source.subwords.rule": "none", "data.vocabulary.target.subwords.rule": "nmt_nfkc",
        "data.vocabulary.source.normalisation": "[lowerCase]", "data.vocabulary.target.normalisation": "[compose]",
    ]
    /// What needs other fields beside it: below.
    private static let dependent: Set<String> = [
        "model.input", "model.tied", "data.vocabulary.joint", "data.vocabulary.source.model",
        "data.vocabulary.target.model",
    ]

    private func leaves(_ node: Node, _ path: [String] = []) -> [(path: [String], value: Node)] {
        guard case .mapping(let mapping) = node else { return [(path, node)] }
        return mapping.flatMap { leaves($1, path + [$0.string ?? ""]) }
    }

    private func yaml(_ path: [String], _ value: String) -> String {
        path.enumerated().map { String(repeating: "  ", count: $0.offset) + "\($0.element):" }.joined(separator: "\n")
            + " \(value)\n"
    }

    @Test func everyFieldIsReadAndWritten() throws {
        let node = try #require(try Yams.compose(yaml: Recipe().yaml))
        let defaults = leaves(node)
        #expect(defaults.count > 50)
        for (path, value) in defaults {
            let field = path.joined(separator: ".")
            if Self.dependent.contains(field) { continue }
            let other: String
            if let known = Self.others[field] {
                other = known
            } else if let flag = value.bool {
                other = "\(!flag)"
            } else {
                let number = try #require(value.float, "a value for \(field) that is not its default")
                other =
                    number == number.rounded() && number > 1
                    ? "\(Int(number) - 1)" : number == 0 ? "0.25" : "\(number / 2)"
            }
            let whole = value.int != nil && Self.others[field] == nil && other.contains(".")
            let recipe = try Recipe(yaml: yaml(path, whole ? "3" : other), path: "r.yaml")
            #expect(recipe != Recipe(), "\(field) has no effect")
            #expect(try Recipe(yaml: recipe.yaml, path: "r.yaml") == recipe, "\(field) is not written back")
            #expect(try Recipe(yaml: recipe.describedYAML, path: "r.yaml") == recipe, "\(field) described")
        }
    }

    /// The defaults of audio are not those of text, which has no CTC.
    @Test func textNeedsNothingBesideItsName() throws {
        let recipe = try Recipe(yaml: "model: {input: text}", path: "r.yaml")
        #expect(recipe.model.input == .text)
        #expect((recipe.training.ctcWeight, recipe.search.ctcWeight) == (0, 0))
        #expect(recipe == Recipe(for: .text) && Recipe(for: .audio) == Recipe())
        #expect(try Recipe(yaml: "", path: "r.yaml", changes: ["model.input=text"]) == recipe)
        #expect(try Recipe(yaml: recipe.yaml, path: "r.yaml") == recipe)
        #expect(try Recipe(yaml: recipe.describedYAML, path: "r.yaml") == recipe)
    }

    // MARK: Data

    private func text(_ data: String, changes: [String] = []) throws(RecipeError) -> DataOptions {
        try Recipe(yaml: "model: {input: text}\ndata: {\(data)}\n", path: "r.yaml", changes: changes).data
    }

    @Test func dataIsAFileOrTwo() throws {
        let data = try text("train: [a.tsv, {source: b.de, target: b.en.gz}], dev: [{target: c.en, source: c.de}]")
        #expect(data.train == ["a.tsv", .parallel(source: "b.de", target: "b.en.gz")])
        #expect(data.dev == [.parallel(source: "c.de", target: "c.en")])
        var recipe = Recipe(for: .text)
        recipe.data = data
        #expect(try Recipe(yaml: recipe.yaml, path: "r.yaml") == recipe)
        #expect(try Recipe(yaml: recipe.describedYAML, path: "r.yaml") == recipe)
        #expect(recipe.describedYAML.contains("  train: [a.tsv, {source: b.de, target: b.en.gz}]\n"))
    }

    @Test(arguments: ["{source: a}", "{source: a, target: b, weight: 2}", "{sources: a, target: b}", "{}", "[a, b]"])
    func dataOfOtherFormIsRefused(_ file: String) throws {
        let error = try #require(throws: RecipeError.self) { try text("train: [\(file)]") }
        #expect(error.description.hasPrefix("r.yaml: data.train"), "\(error)")
    }

    @Test func audioIsInManifests() throws {
        let error = try #require(throws: RecipeError.self) {
            try Recipe(yaml: "data: {train: [{source: a, target: b}]}", path: "r.yaml")
        }
        #expect(error.problem == "data.train and data.dev must be manifests for audio, not a source and a target")
    }

    @Test func aFieldOfOneVocabularyIsThatOfBoth() throws {
        let both = try text("vocabulary: {kind: subwords, size: 500, subwords: {algorithm: unigram}}").vocabulary
        #expect(both.source == both.target && both.source.kind == .subwords && both.source.size == 500)
        #expect(both.source.subwords.algorithm == .unigram && both.source.subwords.byteFallback)

        let sides = try text("vocabulary: {target: {kind: words}, size: 100, source: {size: 50}}").vocabulary
        #expect((sides.source.kind, sides.target.kind) == (.characters, .words))
        #expect((sides.source.size, sides.target.size) == (50, 100))

        let changed = try text(
            "vocabulary: {target: {kind: words}}",
            changes: ["data.vocabulary.size=70", "data.vocabulary.source.size=60", "data.vocabulary.kind=characters"])
        #expect((changed.vocabulary.source.size, changed.vocabulary.target.size) == (60, 70))
        #expect(changed.vocabulary.target.kind == .characters)
    }

    @Test func aSharedVocabularyHasOneSetOfFields() throws {
        #expect(try text("vocabulary: {kind: subwords, joint: true, model: m.model}").vocabulary.joint)
        let error = try #require(throws: RecipeError.self) {
            try text("vocabulary: {joint: true, target: {kind: words}}")
        }
        #expect(error.problem == "data.vocabulary.joint needs the same settings for source and target")
    }

    @Test(arguments: [
        ("kid: words", "data.vocabulary.kid in line 2; the nearest is kind"),
        ("source: {kid: words}", "data.vocabulary.source.kid in line 2; the nearest is kind"),
        ("subwords: {alg: bpe}", "data.vocabulary.subwords.alg in line 2; the nearest is rule"),
        ("joints: true", "data.vocabulary.joints in line 2; the nearest is joint"),
    ])
    func anUnknownFieldOfAVocabularyIsRefused(_ fields: String, _ problem: String) throws {
        let error = try #require(throws: RecipeError.self) { try text("vocabulary: {\(fields)}") }
        #expect(error.problem == "there is no field " + problem)
    }

    @Test func tablesOfOneWidthMayBeTied() throws {
        let yaml = "model: {tied: output, decoder: {embedding: 64, readout: 64}}\n"
        let recipe = try Recipe(yaml: yaml, path: "r.yaml")
        #expect(recipe.model.tied == .output)
        #expect(try Recipe(yaml: recipe.yaml, path: "r.yaml") == recipe)
        let text = "{model: {input: text, architecture: transformer, tied: all, decoder: {units: 256}}}"
        let error = #expect(throws: RecipeError.self) { try Recipe(yaml: text, path: "r.yaml") }
        #expect(
            error?.problem == "model.tied may be all only with data.vocabulary.joint: one table needs one vocabulary")
        #expect(throws: Never.self) {
            try Recipe(yaml: text, path: "r.yaml", changes: ["data.vocabulary.joint=true"])
        }
    }

    @Test(arguments: [
        ("training:\n  epoch: 3\n", "training.epoch in line 2", "the nearest is epochs"),
        ("traning: {}\n", "traning in line 1", "the nearest is training"),
        ("model:\n  encoder:\n    layers: 2\n    unit: 8\n", "model.encoder.unit in line 4", "the nearest is units"),
        ("training:\n  optimiser:\n    Rate: 1\n", "training.optimiser.Rate in line 3", "the nearest is rate"),
    ])
    func anUnknownFieldIsRefusedWithTheNearest(_ yaml: String, _ place: String, _ nearest: String) {
        let error = #expect(throws: RecipeError.self) { try Recipe(yaml: yaml, path: "r.yaml") }
        #expect(error?.description == "r.yaml: there is no field \(place); \(nearest)")
    }

    @Test(arguments: [
        ("training: {epochs: many}", "training.epochs"),
        ("training: {epochs: 1.5}", "training.epochs"),
        ("training: {epochs: [1]}", "training.epochs"),
        ("training: {optimiser: {rate: fast}}", "training.optimiser.rate"),
        ("training: {optimiser: {schedule: cosin}}", "training.optimiser.schedule"),
        ("training: {selectBy: ter}", "training.selectBy"),
        ("training: 3", "training must be a section"),
        ("training: {masking: []}", "training.masking must be a section"),
        ("data: {train: here.tsv}", "data.train"),
        ("model: {encoder: {normalised: perhaps}}", "model.encoder.normalised"),
        ("model: {input: video}", "model.input"),
        ("- a\n- b\n", "section"),
        ("training: {epochs: 1", "not YAML"),
        ("a: b: c", "not YAML"),
    ])
    func whatIsNoRecipeIsNamed(_ yaml: String, _ named: String) throws {
        let error = try #require(throws: RecipeError.self) { try Recipe(yaml: yaml, path: "r.yaml") }
        #expect(error.description.hasPrefix("r.yaml: "))
        #expect(error.description.contains(named), "\(error)")
        #expect(!error.description.contains("\n"))
    }

    @Test func choicesAreNamed() {
        let error = #expect(throws: RecipeError.self) {
            try Recipe(yaml: "", path: "r.yaml", changes: ["model.architecture=lstm"])
        }
        #expect(
            error?.description
                == "r.yaml: model.architecture must be one of recurrent, attention, transformer, not “lstm”")
        let list = #expect(throws: RecipeError.self) {
            try Recipe(yaml: "data: {vocabulary: {source: {normalisation: [compose, foo]}}}", path: "r.yaml")
        }
        #expect(
            list?.description.hasPrefix("r.yaml: data.vocabulary.source.normalisation must be one of compose, ") == true
        )
        #expect(list?.description.hasSuffix(", not “foo”") == true)
    }

    @Test func aByteOrderMarkIsNoContent() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("\u{FEFF}training: {epochs: 7}\n", as: "r.yaml")
        #expect(try Recipe(path: path).training.epochs == 7)
    }

    /// As a shell completes them.
    @Test func pathsOfChangesAreFromTheCurrentFolder() throws {
        let yaml = "model: {input: text}\ndata: {train: [a.tsv]}\n"
        let changes = [
            "data.train=[b.tsv, {source: c.de, target: /c.en}]", "training.startFrom=m.safetensors",
            "data.vocabulary={kind: subwords, source: {model: s.model}}",
        ]
        let recipe = try Recipe(yaml: yaml, path: "there/r.yaml", changes: changes)
        let here = FileManager.default.currentDirectoryPath
        #expect(recipe.yaml.contains("\(here)/b.tsv") && recipe.yaml.contains("source: \(here)/c.de"))
        #expect(recipe.yaml.contains("target: /c.en"))
        #expect(recipe.training.startFrom == "\(here)/m.safetensors")
        #expect(recipe.data.vocabulary.source.model == "\(here)/s.model")
        #expect(try Recipe(yaml: yaml, path: "there/r.yaml").yaml.contains("- a.tsv"))
    }

    @Test func aMissingFileIsOneSentence() throws {
        let error = try #require(throws: RecipeError.self) { try Recipe(path: "/nowhere/r.yaml") }
        #expect(error.description == "/nowhere/r.yaml: No such file or directory")
    }

    @Test(arguments: [
        ("model.encoder.layers", "0"), ("model.encoder.layers", "65"), ("model.encoder.units", "-1"),
        ("model.encoder.input", "0"), ("model.encoder.channels", "0"), ("model.encoder.subsampling", "3"),
        ("model.encoder.dropout", "1"), ("model.encoder.dropout", ".nan"), ("model.decoder.units", "100000"),
        ("model.decoder.embedding", "0"), ("model.decoder.attention", "0"), ("model.decoder.readout", "0"),
        ("model.decoder.dropout", "-0.1"), ("search.beam", "0"), ("search.ctcWeight", "2"),
        ("search.lengthBonus", "100"), ("search.tokensPerStep", "0"), ("search.margin", "-1"),
        ("search.repetitions", "1"), ("training.seed", "-1"), ("training.epochs", "0"),
        ("training.epochs", "9000000000"), ("training.batchFrames", "10"), ("training.batchUtterances", "0"),
        ("training.shards", "0"), ("training.shards", "5000"), ("training.ctcWeight", "1.5"),
        ("training.labelSmoothing", "1"), ("training.scheduledSampling", "-1"), ("training.speeds", "[]"),
        ("training.speeds", "[1, 3]"), ("training.averaged", "0"), ("training.checkpointMinutes", "0"),
        ("training.selectBy", "bleu"), ("training.selectBy", "chrf"), ("training.evaluationSteps", "-1"),
        ("training.evaluationUtterances", "0"), ("training.patience", "-1"),
        ("training.masking.frequencyMasks", "-1"), ("training.masking.timeMasks", "-1"),
        ("training.masking.frequencyWidth", "-1"), ("training.masking.timeWidth", "-1"),
        ("training.masking.timeShare", ".nan"), ("training.optimiser.rate", "0"), ("training.optimiser.rate", ".inf"),
        ("training.optimiser.finalRate", "-1"), ("training.optimiser.warmupSteps", "-1"),
        ("training.optimiser.clipNorm", "0"), ("training.optimiser.beta1", "1"), ("training.optimiser.beta2", "1"),
        ("training.optimiser.epsilon", "0"), ("training.optimiser.decay", "-1"), ("data.longestSeconds", "0.05"),
        ("data.cacheMegabytes", "-1"), ("data.sourceColumn", "0"), ("data.targetColumn", "-1"),
        ("data.longestTokens", "0"), ("data.longestTokens", "100001"), ("data.heldOut", "(["),
        ("data.shortestTokens", "0"), ("data.vocabulary.joint", "true"),
        ("data.vocabulary.source.size", "4"), ("data.vocabulary.target.size", "9000000"),
        ("data.vocabulary.source.minimumCount", "0"), ("data.vocabulary.target.model", "x.model"),
        ("data.vocabulary.target.subwords.characterCoverage", "1.1"),
        ("data.vocabulary.source.normalisation", "[compose, compose]"), ("features.melBins", "0"),
        ("features.sampleRate", "1"),
        ("features.hopSeconds", "0"),
    ])
    func whatMakesNoSenseIsNamed(_ field: String, _ value: String) throws {
        let path = field.split(separator: ".").map(String.init)
        let error = try #require(throws: RecipeError.self, "\(field): \(value) is let through") {
            try Recipe(yaml: yaml(path, value), path: "r.yaml")
        }
        #expect(error.description.contains(path.last ?? ""), "\(error)")
    }

    @Test(arguments: ["training: {ctcWeight: 0.3}", "search: {ctcWeight: 0.1}", "data: {corpora: [x]}"])
    func whatIsForAudioOnlyIsRefusedForText(_ wrong: String) throws {
        let error = try #require(throws: RecipeError.self) {
            try Recipe(yaml: "model: {input: text}\n\(wrong)\n", path: "r.yaml")
        }
        #expect(error.description.contains("for text"), "\(error)")
    }

    @Test func noTextIsLongerAtLeastThanAtMost() throws {
        func search(_ least: Int, _ most: Int) throws(RecipeError) -> SearchOptions {
            try Recipe(yaml: "search: {minimumTokens: \(least), maximumTokens: \(most)}", path: "r.yaml").search
        }
        #expect(try search(5, 0).minimumTokens == 5)
        #expect(try search(5, 5).maximumTokens == 5)
        let error = try #require(throws: RecipeError.self) { try search(6, 5) }
        #expect(error.description == "r.yaml: search.minimumTokens must not be above search.maximumTokens")
    }

    // MARK: Documentation

    @Test func everyFieldHasItsLine() {
        let documented = Recipe.documentation.map(\.field)
        #expect(Set(documented).count == documented.count)
        #expect(documented.sorted() == Recipe().fields.sorted())
        for (field, line) in Recipe.documentation {
            #expect(line.hasSuffix(".") && !line.contains("\n") && line.count <= 100, "\(field)")
        }
    }

    @Test func aDescribedRecipeReads() {
        let lines = Recipe().describedYAML.split(separator: "\n").map(String.init)
        #expect(lines.count == 2 * Recipe.documentation.count)
        #expect(
            lines.prefix(4) == [
                "# What to train and to evaluate on.", "data:",
                "  # Manifests (audio); pairs, or {source: PATH, target: PATH} (text). Relative to the recipe's folder.",
                "  train: []",
            ])
        #expect(lines.contains("  speeds: [0.9, 1.0, 1.1]"))
    }
}
