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
        "features.highHertz": "-100",
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
            // These need other fields beside them: below.
            if field == "model.input" || field == "model.tied" { continue }
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

    @Test func textNeedsNoCTC() throws {
        let yaml = "model: {input: text}\ntraining: {ctcWeight: 0, speeds: [1]}\nsearch: {ctcWeight: 0}\n"
        let recipe = try Recipe(yaml: yaml, path: "r.yaml")
        #expect(recipe.model.input == .text)
        #expect(try Recipe(yaml: recipe.yaml, path: "r.yaml") == recipe)
    }

    @Test func tablesOfOneWidthMayBeTied() throws {
        let yaml = "model: {tied: output, decoder: {embedding: 64, readout: 64}}\n"
        let recipe = try Recipe(yaml: yaml, path: "r.yaml")
        #expect(recipe.model.tied == .output)
        #expect(try Recipe(yaml: recipe.yaml, path: "r.yaml") == recipe)
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

    @Test func aMissingFileIsOneSentence() throws {
        let error = try #require(throws: RecipeError.self) { try Recipe(path: "/nowhere/r.yaml") }
        #expect(error.description == "/nowhere/r.yaml: the recipe cannot be read")
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
        ("data.cacheMegabytes", "-1"), ("features.melBins", "0"), ("features.sampleRate", "1"),
        ("features.hopSeconds", "0"),
    ])
    func whatMakesNoSenseIsNamed(_ field: String, _ value: String) throws {
        let path = field.split(separator: ".").map(String.init)
        let error = try #require(throws: RecipeError.self, "\(field): \(value) is let through") {
            try Recipe(yaml: yaml(path, value), path: "r.yaml")
        }
        #expect(error.description.contains(path.last ?? ""), "\(error)")
    }

    @Test(arguments: DevFigure.allCases) func textIsSelectedByAnyFigure(figure: DevFigure) throws {
        let training = "training: {ctcWeight: 0, speeds: [1], selectBy: \(figure.rawValue)}"
        let yaml = "model: {input: text}\n\(training)\nsearch: {ctcWeight: 0}\n"
        #expect(try Recipe(yaml: yaml, path: "r.yaml").training.selectBy == figure)
    }

    @Test func aDecoderThatIsNotTrainedHasNoLoss() throws {
        let yaml = "training: {ctcWeight: 1, selectBy: loss}\nsearch: {ctcWeight: 1}\n"
        let error = try #require(throws: RecipeError.self) { try Recipe(yaml: yaml, path: "r.yaml") }
        #expect(error.description.contains("training.selectBy must not be loss"), "\(error)")
    }

    @Test(arguments: ["training: {ctcWeight: 0.3}", "search: {ctcWeight: 0.1}", "training: {speeds: [0.9, 1]}"])
    func whatIsForAudioOnlyIsRefusedForText(_ wrong: String) throws {
        let lines = ["model: {input: text}", "training: {ctcWeight: 0, speeds: [1]}", "search: {ctcWeight: 0}"]
        let section = wrong.prefix { $0 != ":" }
        var yaml = lines.filter { !$0.hasPrefix(section) } + [wrong]
        if wrong.contains("speeds") { yaml[yaml.count - 1] = "training: {ctcWeight: 0, speeds: [0.9, 1]}" }
        let text = yaml.joined(separator: "\n")
        let error = try #require(throws: RecipeError.self) { try Recipe(yaml: text, path: "r.yaml") }
        #expect(error.description.contains("for text"), "\(error)")
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
                "  # Manifests (audio) or two-column files (text); relative paths are relative to the recipe.",
                "  train: []",
            ])
        #expect(lines.contains("  speeds: [0.9, 1.0, 1.1]"))
    }
}
