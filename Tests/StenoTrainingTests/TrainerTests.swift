import Foundation
import StenoModels
import StenoTensor
import StenoTestSupport
import StenoTraining
import Synchronization
import Testing

@Suite struct TrainerTests {
    private func tones(_ count: Int = 12) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try ToneCorpus.write(ToneCorpus.texts(count, seed: 3), named: "train", in: folder)
        try ToneCorpus.write(ToneCorpus.texts(8, seed: 4), named: "dev", in: folder)
        return folder
    }

    private func metrics(_ folder: TemporaryFolder, _ run: String = "run") throws -> [[String: String]] {
        let lines = String(decoding: try folder.data("\(run)/metrics.csv"), as: UTF8.self)
            .split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
        return lines.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(lines[0], $0)) }
    }

    // MARK: Divergence

    @Test func divergenceNamesTheUtterancesAndKeepsTheCheckpoint() throws {
        let folder = try tones()
        var recipe = Recipe.tones
        try train(recipe, in: folder, isAskedToStop: Countdown(6).isOver)
        let good = try folder.data("run/checkpoint.safetensors")
        recipe.training.optimiser.rate = 1e6
        let error = try #require(throws: TrainingError.self) { try train(recipe, in: folder) }
        guard case .diverged(_, _, let utterances, let checkpoint) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(!utterances.isEmpty && utterances.allSatisfy { $0.hasPrefix("tone-") })
        #expect(checkpoint == folder.path("run/checkpoint.safetensors"))
        #expect(try folder.data("run/checkpoint.safetensors") == good)
        #expect(error.description.contains(utterances[0]) && error.description.contains("last good checkpoint"))
        recipe.training.optimiser.rate = 0.001
        #expect(try train(recipe, in: folder) == .finished)
    }

    @Test func divergenceBeforeTheFirstCheckpointSaysSo() throws {
        let folder = try tones()
        var recipe = Recipe.tones
        recipe.training.optimiser.rate = 1e6
        recipe.training.optimiser.warmupSteps = 0
        let error = try #require(throws: TrainingError.self) { try train(recipe, in: folder) }
        #expect(error.description.contains("there is no checkpoint yet"), "\(error)")
        #expect(try folder.names(in: "run").filter { $0.hasSuffix(".safetensors") } == [])
    }

    @Test func weightsThatAreNoNumbersAreSeenAtOnce() throws {
        let folder = try tones()
        try train(.tones, in: folder, isAskedToStop: Countdown(6).isOver)
        let checkpoint = try folder.checkpoint()
        checkpoint.trained.weights.flat.pointer[100] = .nan
        try checkpoint.write(to: folder.path("run/checkpoint.safetensors"))
        let error = try #require(throws: TrainingError.self) { try train(.tones, in: folder) }
        #expect(error.description.contains("nan"), "\(error)")
        #expect(error.description.contains("step \(checkpoint.state.step + 1) "), "\(error)")
    }

    // MARK: Precision

    @Test func aPrecisionThatCannotBeHadIsRefusedAtOnce() async {
        await #expect(processExitsWith: .success) {
            #expect(InstructionSet.generic.select())
            let folder = try TemporaryFolder()
            var recipe = Recipe.tones
            recipe.training.precision = .bfloat16
            let error = #expect(throws: TrainingError.self) { try train(recipe, in: folder) }
            #expect(error?.description.hasPrefix("training.precision is bfloat16, which needs AVX-512") == true)
            #expect(try folder.names(in: "") == [], "nothing was made")
        }
    }

    // MARK: Files

    /// The disk is full when the checkpoint is written: its temporary file is made to be `/dev/full`.
    @Test func aFullDiskLeavesTheLastCheckpoint() throws {
        let folder = try tones()
        try #require(FileManager.default.fileExists(atPath: "/dev/full"))
        try train(.tones, in: folder, isAskedToStop: Countdown(6).isOver)
        let checkpoint = folder.path("run/checkpoint.safetensors")
        let good = try folder.data("run/checkpoint.safetensors")
        let questions = Countdown(1)
        let error = try #require(throws: TrainingError.self) {
            try train(.tones, in: folder) {
                guard questions.isOver() else { return false }
                symlink("/dev/full", "\(checkpoint).\(getpid()).partial")
                return true
            }
        }
        #expect(error.description == "\(checkpoint) cannot be written: No space left on device")
        #expect(try folder.data("run/checkpoint.safetensors") == good)
        #expect(try folder.names(in: "run").filter { $0.hasSuffix(".partial") } == [])
        #expect(try train(.tones, in: folder) == .finished)
    }

    @Test func aFolderIsOfOneRunAtATime() throws {
        let folder = try tones()
        let recipe = Recipe.tones
        let first = try Trainer(recipe, base: folder.url.path, folder: folder.path("run"), threads: 1) { _ in }
        let error = try #require(throws: TrainingError.self) { try train(recipe, in: folder) }
        #expect(error.description.contains("another training run is using the folder"))
        #expect(try first.run(isAskedToStop: { true }) == .asked)
    }

    @Test func aFolderThatCannotBeMadeIsOneSentence() throws {
        let folder = try tones()
        try folder.write("a file", as: "run")
        let error = try #require(throws: TrainingError.self) { try train(.tones, in: folder) }
        #expect(error.description.hasPrefix("\(folder.path("run")) cannot be written: "))
    }

    @Test func aDamagedCheckpointIsOneSentence() throws {
        let folder = try tones()
        try train(.tones, in: folder, isAskedToStop: { true })
        let whole = try folder.data("run/checkpoint.safetensors")
        try folder.write(whole.prefix(whole.count / 2), as: "run/checkpoint.safetensors")
        let error = try #require(throws: TrainingError.self) { try train(.tones, in: folder) }
        #expect(error.description.contains("checkpoint.safetensors is damaged"))
    }

    @Test func anotherModelCannotBeResumed() throws {
        let folder = try tones()
        var recipe = Recipe.tones
        try train(recipe, in: folder, isAskedToStop: { true })
        recipe.model.decoder.units += 1
        let error = try #require(throws: TrainingError.self) { try train(recipe, in: folder) }
        let (old, new) = (recipe.model.decoder.units - 1, recipe.model.decoder.units)
        #expect(error.description.contains("it has model.decoder.units \(old) (not \(new))"), "\(error)")
        recipe = .tones
        recipe.features.lowHertz = 50
        #expect(throws: TrainingError.self) { try train(recipe, in: folder) }
        recipe = .tones
        recipe.model.encoder.dropout = 0
        #expect(try train(recipe, in: folder, isAskedToStop: { true }) == .asked)
    }

    @Test func whatTheRecipeHasOtherwiseIsToldOrRefused() throws {
        let folder = try tones()
        var recipe = Recipe.tones
        try train(recipe, in: folder, isAskedToStop: { true })
        recipe.data.vocabulary.target.minimumCount = 2
        let error = try #require(throws: TrainingError.self) { try train(recipe, in: folder) }
        #expect(error.description.contains("it has data.vocabulary.target.minimumCount 1 (not 2)"), "\(error)")
        recipe = .tones
        recipe.training.epochs += 1
        let notes = Notes()
        try train(recipe, in: folder, notes: notes, isAskedToStop: { true })
        let line = "the run had training.epochs \(recipe.training.epochs - 1) (not \(recipe.training.epochs))"
        #expect(notes.lines.contains(line), "\(notes.lines)")
    }

    // MARK: Stopping

    @Test func stoppingDuringAnEvaluationIsPrompt() throws {
        let folder = try tones()
        try ToneCorpus.write(ToneCorpus.texts(200, seed: 9), named: "dev", in: folder)
        // Asked for the first time while the first evaluation is running.
        let isEvaluating = Atomic(0)
        let notes = Notes()
        let outcome = try train(.tones, in: folder, notes: notes) {
            isEvaluating.add(1, ordering: .relaxed).newValue > 8
        }
        #expect(outcome == .asked)
        let state = try folder.checkpoint().state
        #expect(state.step == 3 && state.evaluatedStep == 0)
        #expect(!notes.lines.contains { $0.contains("dev CER") })
        #expect(try metrics(folder).isEmpty)
    }

    @Test func trainingStopsWhenDevNoLongerGetsBetter() throws {
        let folder = try tones()
        var recipe = Recipe.tones
        recipe.training.epochs = 50
        recipe.training.patience = 2
        recipe.training.optimiser.rate = 1e-12
        recipe.training.optimiser.finalRate = 1e-12
        let notes = Notes()
        #expect(try train(recipe, in: folder, notes: notes) == .stopped)
        #expect(notes.lines.last == "no improvement in 2 evaluations: stopping early")
        #expect(try folder.checkpoint().state.epoch == 3)
        let before = try folder.data("run/checkpoint.safetensors")
        #expect(try train(recipe, in: folder) == .stopped)
        #expect(try folder.data("run/checkpoint.safetensors") == before)
    }

    @Test func theLastStepsAreEvaluatedToo() throws {
        let folder = try tones()
        var recipe = Recipe.tones
        recipe.training.evaluationSteps = 7
        #expect(try train(recipe, in: folder) == .finished)
        #expect(try metrics(folder).map { $0["step"] } == ["7", "12"])
        #expect(try folder.checkpoint().state.evaluatedStep == 12)
    }

    // MARK: Averaging

    @Test func theModelIsTheAverageOfTheBest() throws {
        let folder = try tones()
        var recipe = Recipe.tones
        recipe.training.epochs = 6
        recipe.training.averaged = 3
        recipe.training.optimiser.rate = 0.02
        let notes = Notes()
        try train(recipe, in: folder, notes: notes)
        let rows = try metrics(folder).compactMap { row -> (cer: Double, step: Int)? in
            guard let cer = row["dev_cer"].flatMap(Double.init), let step = row["step"].flatMap(Int.init) else {
                return nil
            }
            return (cer, step)
        }
        #expect(rows.count == 6)
        let best = rows.sorted { $0 < $1 }.prefix(3).map(\.step)
        let state = try folder.checkpoint().state
        #expect(state.kept.map(\.step) == best)
        let files = best.map { String(format: "step-%06d.safetensors", $0) }
        #expect(try folder.names(in: "run").filter { $0.hasPrefix("step-") } == files.sorted())
        let weights = try files.map { try TrainedModel(path: folder.path("run/\($0)")).weights }
        let mean = Weights(averageOf: weights.count, layout: weights[0].layout) { weights[$0] }.flat.values
        #expect(mean != weights[0].flat.values)
        // Unless the best by itself is better.
        let model = try folder.model()
        let isAverage = !notes.lines.contains { $0.contains("by itself is clearly better") }
        let expected = isAverage ? mean : weights[0].flat.values
        #expect(
            zip(expected, model.weights.flat.values).allSatisfy { abs($0 - $1) <= 5e-4 * max(abs($0), 1e-3) },
            "within half precision")
        #expect(model.provenance.steps == (isAverage ? state.step : state.kept[0].step))
        #expect(try #require(model.provenance.figures["cer"]) <= 1.02 * state.kept[0].figures.cer)
        #expect(notes.lines.contains { $0.hasPrefix("average of the best 3: dev ") })
        // Nothing is done again.
        let again = Notes()
        try train(recipe, in: folder, notes: again)
        #expect(again.lines.contains { $0.hasPrefix("the run is complete") })
        #expect(!again.lines.contains { $0.hasPrefix("average of the best") })
    }

    @Test func theBetterOfTwoFiguresIsKnown() {
        func figures(_ cer: Double, bleu: Double? = nil) -> DevFigures { DevFigures(cer: cer, wer: 0, bleu: bleu) }
        func isAsGood(_ one: DevFigures, _ best: DevFigures, _ figure: DevFigure) -> Bool {
            one.isAsGood(asBest: best, by: figure)
        }
        #expect(isAsGood(figures(1), figures(2), .cer) && isAsGood(figures(2.03), figures(2), .cer))
        #expect(!isAsGood(figures(2.05), figures(2), .cer) && !isAsGood(figures(.nan), figures(1), .cer))
        #expect(isAsGood(figures(9, bleu: 29.5), figures(1, bleu: 30), .bleu))
        #expect(!isAsGood(figures(0, bleu: 29.3), figures(1, bleu: 30), .bleu))
        #expect(!isAsGood(figures(0), figures(1, bleu: 2), .bleu))
        #expect(isAsGood(figures(0), figures(0), .cer))
    }

    /// Texts turned round, of which every figure gets better, and none in every evaluation.
    private func pairs() throws -> (TemporaryFolder, Recipe) {
        let folder = try TemporaryFolder()
        try folder.write(reversalPairs(300, seed: 5).joined(separator: "\n"), as: "train.tsv")
        try folder.write(reversalPairs(40, seed: 6).joined(separator: "\n"), as: "dev.tsv")
        var recipe = Recipe.reversal
        recipe.training.epochs = 6
        recipe.training.evaluationSteps = 4
        recipe.training.averaged = 3
        return (folder, recipe)
    }

    @Test(arguments: DevFigure.allCases) func theBestAreThoseOfTheChosenFigure(figure: DevFigure) throws {
        var (folder, recipe) = try pairs()
        recipe.training.selectBy = figure
        recipe.training.optimiser.rate = 0.02
        try train(recipe, in: folder)
        let rows = try metrics(folder).compactMap { row -> (rank: Double, step: Int)? in
            guard let value = row["dev_\(figure.rawValue)"].flatMap(Double.init),
                let step = row["step"].flatMap(Int.init)
            else { return nil }
            return ([.bleu, .chrf].contains(figure) ? -value : value, step)
        }
        #expect(rows.count > 10)
        let state = try folder.checkpoint().state
        #expect(state.kept.map(\.step) == rows.sorted { $0 < $1 }.prefix(3).map(\.step))
        let ranks = rows.map(\.rank)
        let best = try #require(ranks.firstIndex { $0 == ranks.min() })
        #expect(state.evaluationsSinceBest == rows.count - 1 - best)
    }

    @Test func theModelTellsNothingOfTheMachine() throws {
        let folder = try tones()
        var recipe = Recipe.tones
        recipe.training.epochs = 1
        recipe.data.train = [.file(folder.path("train.tsv"))]
        try train(recipe, in: folder)
        let provenance = try folder.model().provenance
        #expect(provenance.steps == 3 && provenance.epochs == 1)
        let stated = try Recipe(yaml: provenance.recipe, path: "r.yaml")
        #expect(stated.data.train == ["train.tsv"] && stated.training == recipe.training)
        for metadata in try folder.model().metadata.values { #expect(!metadata.contains(folder.url.path)) }
    }

    // MARK: Starting from another model

    @Test func fineTuningBeginsWithTheOtherModelsWeights() throws {
        let folder = try tones()
        var recipe = Recipe.tones
        recipe.training.epochs = 2
        try train(recipe, in: folder, run: "first")
        let first = try folder.model("first")

        let texts = ToneCorpus.texts(6, seed: 30) + ["abc", "a?c"]
        try ToneCorpus.write(texts, named: "other", in: folder)
        recipe.data.train = ["other.tsv"]
        recipe.training.startFrom = "first"
        let notes = Notes()
        try train(recipe, in: folder, run: "second", notes: notes, isAskedToStop: { true })
        let beginning = try folder.checkpoint("second")
        #expect(beginning.state.step == 0)
        #expect(beginning.trained.weights.flat.values == first.weights.flat.values)
        #expect(beginning.trained.vocabulary == first.vocabulary)
        #expect(notes.lines.contains { $0.hasPrefix("train: set aside tone-7: it ") && $0.contains("?") })
        #expect(try train(recipe, in: folder, run: "second") == .finished)
        #expect(try folder.model("second").weights.flat.values != first.weights.flat.values)
    }

    @Test func aStartThatIsMissingOrOfAnotherShapeIsNamed() throws {
        let folder = try tones()
        var recipe = Recipe.tones
        recipe.training.startFrom = "none.safetensors"
        var error = try #require(throws: TrainingError.self) { try train(recipe, in: folder) }
        #expect(error.description == "\(folder.path("none.safetensors")) cannot be read: no such file")
        recipe.training.startFrom = ""
        try train(recipe, in: folder, run: "first", isAskedToStop: { true })
        recipe.training.startFrom = "first/checkpoint.safetensors"
        recipe.model.encoder.units = 17
        error = try #require(throws: TrainingError.self) { try train(recipe, in: folder) }
        #expect(error.description.contains("first/checkpoint.safetensors cannot be resumed"))
    }

    // MARK: Data

    @Test func whatIsSetAsideIsSaid() throws {
        let folder = try tones()
        var recipe = Recipe.tones
        recipe.data.heldOut = "-[01]$"
        recipe.data.dev = []
        recipe.data.longestSeconds = 0.7
        let notes = Notes()
        try train(recipe, in: folder, notes: notes, isAskedToStop: { true })
        let aside = notes.lines.filter { $0.contains("set aside") }
        // Those that last as long are in one line.
        let count = aside.map { $0.firstMatch(of: #/set aside (\d+), /#).flatMap { Int($0.1) } ?? 1 }.reduce(0, +)
        let kept = try #require(notes.lines.first { $0.hasPrefix("train: ") && $0.contains("pairs") })
        #expect(!aside.isEmpty && aside.allSatisfy { $0.contains("lasts") })
        #expect(kept.hasPrefix("train: \(10 - count) pairs"), "\(kept)")
        #expect(notes.lines.contains { $0.hasPrefix("dev: 2 pairs") })
    }

    /// The manifest says a second, the file has a few frames.
    @Test func anUtteranceThatCTCCannotAlignIsNamedOnce() throws {
        let folder = try tones()
        let short = ToneCorpus.wave([Float](repeating: 0.001, count: 700))
        try folder.write(short, as: "train-0.wav")
        let lines = String(decoding: try folder.data("train.tsv"), as: UTF8.self).split(separator: "\n").map { line in
            line.hasPrefix("tone-0\t") ? "tone-0\ttrain-0.wav\t1.0\tabcdefgh" : String(line)
        }
        try folder.write(lines.joined(separator: "\n"), as: "train.tsv")
        let notes = Notes()
        #expect(try train(.tones, in: folder, notes: notes) == .finished)
        #expect(notes.lines.count { $0.contains("CTC leaves out tone-0:") } == 1)
    }

    /// Two manifests may each have an utterance `tone-0`.
    @Test func idsOfTwoManifestsMayBeTheSame() throws {
        let folder = try tones()
        var recipe = Recipe.tones
        recipe.data.dev = ["dev.tsv", "train.tsv"]
        recipe.training.epochs = 1
        let notes = Notes()
        #expect(try train(recipe, in: folder, notes: notes) == .finished)
        #expect(notes.lines.contains { $0.hasPrefix("dev: 20 pairs") })
        #expect(try metrics(folder).count == 1)
    }

    /// A recording of dev may be shorter than a frame.
    @Test func anUtteranceOfDevWithoutFramesIsNoCrash() throws {
        let folder = try tones()
        let short = ToneCorpus.wave([Float](repeating: 0.001, count: 100))
        for index in [0, 4] { try folder.write(short, as: "dev-\(index).wav") }
        var recipe = Recipe.tones
        recipe.training.epochs = 1
        #expect(try train(recipe, in: folder) == .finished)
    }

    @Test func noDataIsOneSentence() throws {
        let folder = try tones()
        var recipe = Recipe.tones
        recipe.data.dev = []
        var error = try #require(throws: TrainingError.self) { try train(recipe, in: folder) }
        #expect(error.description.hasPrefix("no pair is left to evaluate on"))
        recipe.data.longestSeconds = 0.11
        error = try #require(throws: TrainingError.self) { try train(recipe, in: folder) }
        #expect(error.description.hasPrefix("no pair is left to train on; tone-0 lasts"))
        recipe.data.train = ["none.tsv"]
        error = try #require(throws: TrainingError.self) { try train(recipe, in: folder) }
        #expect(error.description.contains("none.tsv"))
        recipe = .tones
        recipe.data.heldOut = "("
        error = try #require(throws: TrainingError.self) { try train(recipe, in: folder) }
        #expect(error.description.hasPrefix("data.heldOut is not a regular expression"))
    }

    @Test func aMissingRecordingIsNamed() throws {
        let folder = try tones()
        try FileManager.default.removeItem(atPath: folder.path("train-3.wav"))
        let error = try #require(throws: TrainingError.self) { try train(.tones, in: folder) }
        #expect(error.description.contains("train-3.wav"), "\(error)")
    }

    // MARK: Figures

    /// Dev's loss is of the text alone, whatever training adds to it or mixes with it.
    private func expectDevLossIsTheTexts(_ recipe: Recipe, in folder: TemporaryFolder) throws {
        var recipe = recipe
        recipe.training.epochs = 1
        recipe.training.labelSmoothing = 0.3
        try train(recipe, in: folder)
        let row = try #require(try metrics(folder).last)
        let trained = try folder.checkpoint().trained
        let dev = try TrainingData(recipe, base: folder.url.path, start: trained).dev
        let examples = try dev.examples.indices.map { index in
            var source = try dev.source(index)
            try trained.input.normalise(&source)
            return PreparedExample(example: index, source: source, tokens: dev.examples[index].tokens)
        }
        let objective = Objective(model: trained.model, ctcWeight: 0, labelSmoothing: 0)
        let sums = objective(examples, batchTokens: 1, on: Tape(trained.weights, pool: Pool())).sums
        let expected = sums.attention / Double(sums.tokens)
        let loss = try #require(row["dev_loss"].flatMap(Double.init))
        #expect(abs(loss - expected) < 1e-5 * expected, "\(loss) for \(expected)")
        let perplexity = try #require(row["dev_perplexity"].flatMap(Double.init))
        #expect(abs(perplexity - exp(loss)) < 1e-12 * perplexity)
    }

    @Test func devLossOfAudioIsThatOfItsTexts() throws {
        try expectDevLossIsTheTexts(.tones, in: tones())
    }

    @Test func devLossOfTextIsThatOfItsTexts() throws {
        let (folder, recipe) = try pairs()
        try expectDevLossIsTheTexts(recipe, in: folder)
    }

    @Test func textHasFiguresOfItsOwn() throws {
        var (folder, recipe) = try pairs()
        recipe.training.epochs = 1
        recipe.training.evaluationSteps = 0
        let notes = Notes()
        try train(recipe, in: folder, notes: notes)
        let row = try #require(try metrics(folder).last)
        for name in ["dev_cer", "dev_wer", "dev_bleu", "dev_chrf", "dev_loss", "dev_perplexity"] {
            #expect(row[name].flatMap(Double.init) != nil, "\(name)")
        }
        #expect(row["dev_ctc_cer"] == "")
        let events = String(decoding: try folder.data("run/\(EventFileWriter.fileName)"), as: UTF8.self)
        for tag in ["dev/bleu", "dev/chrf", "dev/loss", "dev/perplexity"] { #expect(events.contains(tag), "\(tag)") }
        #expect(notes.lines.contains { $0.contains(", BLEU ") && $0.contains(", chrF ") && $0.contains("perplexity") })
        let kept = try #require(try folder.checkpoint().state.kept.first)
        let figures = try TrainedModel(path: folder.path("run/\(kept.file)")).provenance.figures
        #expect(figures.keys.sorted() == ["bleu", "cer", "chrf", "loss", "wer"])
        #expect(figures["chrf"] == kept.figures.chrF)
    }

    @Test func aDecoderThatIsNotTrainedHasNoDevLoss() throws {
        let folder = try tones()
        var recipe = Recipe.tones
        recipe.training.epochs = 1
        (recipe.training.ctcWeight, recipe.search.ctcWeight) = (1, 1)
        try train(recipe, in: folder)
        let row = try #require(try metrics(folder).last)
        #expect(row["dev_loss"] == "" && row["dev_perplexity"] == "" && row["dev_bleu"] == "")
        #expect(row["dev_ctc_cer"].flatMap(Double.init) != nil)
    }

    /// The line of the log is of all steps since the one before; with one batch an epoch that is that batch.
    @Test func theLossThatIsLoggedIsTheBatchs() throws {
        let folder = try tones(5)
        var recipe = Recipe.tones
        recipe.training.epochs = 3
        recipe.training.batchUtterances = 8
        recipe.training.shards = 2
        recipe.training.optimiser.rate = 1e-12
        recipe.training.optimiser.finalRate = 0
        recipe.training.scheduledSampling = 0
        (recipe.training.masking.timeMasks, recipe.training.masking.frequencyMasks) = (0, 0)
        recipe.training.speeds = [1]
        (recipe.model.encoder.dropout, recipe.model.decoder.dropout) = (0, 0)
        try train(recipe, in: folder)
        let rows = try metrics(folder)
        #expect(rows.count == 3)
        var recipeOfOne = recipe
        recipeOfOne.training.shards = 1
        try train(recipeOfOne, in: folder, run: "one")
        for (row, other) in zip(rows, try metrics(folder, "one")) {
            for name in ["loss", "attention_loss", "ctc_loss", "gradient_norm"] {
                let a = try #require(row[name].flatMap(Double.init))
                let b = try #require(other[name].flatMap(Double.init))
                #expect(abs(a - b) < 2e-5 * b, "\(name)")
            }
            #expect(row["accuracy"] == other["accuracy"])
            let parts = ["loss", "attention_loss", "ctc_loss"].map { row[$0].flatMap(Double.init) ?? .nan }
            #expect(abs(parts[0] - 0.7 * parts[1] - 0.3 * parts[2]) < 1e-5 * parts[0])
        }
    }
}
