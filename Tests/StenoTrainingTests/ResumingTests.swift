import Foundation
import StenoModels
import StenoTensor
import StenoTestSupport
import StenoTraining
import Testing

/// On one instruction set, neither interruptions nor the number of threads change a bit of what a run leaves behind.
@Suite struct ResumingTests {
    private func tones() throws -> (TemporaryFolder, Recipe) {
        let folder = try TemporaryFolder()
        try ToneCorpus.write(ToneCorpus.texts(22, seed: 1), named: "train", in: folder)
        try ToneCorpus.write(ToneCorpus.texts(20, seed: 2), named: "dev", in: folder)
        return (folder, .tones)
    }

    private func pairs() throws -> (TemporaryFolder, Recipe) {
        let folder = try TemporaryFolder()
        try folder.write(reversalPairs(250, seed: 1).joined(separator: "\n"), as: "train.tsv")
        try folder.write(reversalPairs(40, seed: 2).joined(separator: "\n"), as: "dev.tsv")
        var recipe = Recipe.reversal
        recipe.training.epochs = 8
        recipe.training.shards = 2
        recipe.training.evaluationSteps = 13
        recipe.training.averaged = 3
        return (folder, recipe)
    }

    /// Stops a run again and again, after a number of questions that the list says, until it ends by itself.
    private func runInPieces(
        _ recipe: Recipe, _ folder: TemporaryFolder, _ run: String, threads: Int = 1, pieces: [Int]
    ) throws -> Int {
        var interruptions = 0
        while true {
            let piece = pieces[interruptions % pieces.count]
            let countdown = Countdown(piece)
            let outcome = try train(recipe, in: folder, run: run, threads: threads, isAskedToStop: countdown.isOver)
            if outcome != .asked { return interruptions }
            interruptions += 1
            try #require(interruptions < 500)
        }
    }

    @Test(arguments: [[1, 2, 3, 4, 5, 6, 7], [9, 2], [23], [2, 2, 2, 40]])
    func anInterruptedRunEqualsAnUnbrokenOne(pieces: [Int]) throws {
        let (folder, recipe) = try tones()
        #expect(try train(recipe, in: folder, run: "whole") == .finished)
        let interruptions = try runInPieces(recipe, folder, "pieces", pieces: pieces)
        #expect(interruptions > 0)
        let (whole, broken) = (try Remains(folder, "whole"), try Remains(folder, "pieces"))
        #expect(whole.metrics.count == 5 && whole.events.count > 20)
        #expect(broken.differences(from: whole) == [])
    }

    @Test(arguments: DevFigure.allCases) func textResumesToo(selectBy figure: DevFigure) throws {
        var (folder, recipe) = try pairs()
        recipe.training.selectBy = figure
        #expect(try train(recipe, in: folder, run: "whole") == .finished)
        #expect(try runInPieces(recipe, folder, "pieces", threads: 2, pieces: [17, 3, 30]) > 2)
        let whole = try Remains(folder, "whole")
        #expect(whole.metrics.count > 6)
        #expect(try Remains(folder, "pieces").differences(from: whole) == [])
    }

    @Test(.enabled(if: Precision.bfloat16.isAvailable)) func bfloat16ResumesToo() throws {
        var (folder, recipe) = try tones()
        recipe.training.precision = .bfloat16
        #expect(try train(recipe, in: folder, run: "whole") == .finished)
        #expect(try runInPieces(recipe, folder, "pieces", threads: 2, pieces: [9, 2]) > 2)
        #expect(try Remains(folder, "pieces").differences(from: Remains(folder, "whole")) == [])
        #expect(try folder.checkpoint("whole").state.instructionSet == "avx512+bfloat16")
        recipe.training.precision = .float32
        try train(recipe, in: folder, run: "exact")
        #expect(try folder.model("exact").weights.flat.values != folder.model("whole").weights.flat.values)
    }

    @Test(.enabled(if: Precision.bfloat16.isAvailable)) func anotherPrecisionIsSaid() throws {
        var (folder, recipe) = try tones()
        try train(recipe, in: folder, isAskedToStop: Countdown(9).isOver)
        recipe.training.precision = .bfloat16
        let notes = Notes()
        #expect(try train(recipe, in: folder, notes: notes) == .finished)
        #expect(notes.lines.contains("the run began on avx512 and goes on with avx512+bfloat16: bits will differ"))
    }

    @Test(arguments: [2, 3, 5]) func theNumberOfThreadsChangesNothing(threads: Int) throws {
        let (folder, recipe) = try tones()
        try train(recipe, in: folder, run: "one")
        try train(recipe, in: folder, run: "more", threads: threads)
        #expect(try Remains(folder, "more").differences(from: Remains(folder, "one")) == [])
    }

    /// What a killed process leaves behind: an old checkpoint, logs that go on after it, half-written files.
    @Test func aKilledRunGoesOnFromItsCheckpoint() throws {
        let (folder, recipe) = try tones()
        try train(recipe, in: folder, run: "whole")
        try train(recipe, in: folder, isAskedToStop: Countdown(9).isOver)
        let old = try folder.data("run/checkpoint.safetensors")
        try train(recipe, in: folder, isAskedToStop: Countdown(9).isOver)
        try folder.write(old, as: "run/checkpoint.safetensors")
        try folder.write("half", as: "run/checkpoint.safetensors.123.partial")
        let log = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.path("run/metrics.csv")))
        try log.seekToEnd()
        try log.write(contentsOf: Data("17,3,0.5".utf8))
        try log.close()
        #expect(try train(recipe, in: folder) == .finished)
        #expect(try Remains(folder, "run").differences(from: Remains(folder, "whole")) == [])
    }

    @Test func aFinishedRunIsLeftAlone() throws {
        let (folder, recipe) = try tones()
        try train(recipe, in: folder)
        let before = try Remains(folder, "run")
        #expect(try train(recipe, in: folder) == .finished)
        #expect(try Remains(folder, "run").differences(from: before) == [])
    }

    @Test func aSeedGivesARunOfItsOwn() throws {
        var (folder, recipe) = try tones()
        recipe.training.epochs = 1
        try train(recipe, in: folder, run: "one")
        recipe.training.seed = 2
        try train(recipe, in: folder, run: "two")
        #expect(try folder.model("one").weights.flat.values != folder.model("two").weights.flat.values)
    }

    @Test func aCheckpointIsReadAsItWasWritten() throws {
        let (folder, recipe) = try tones()
        try train(recipe, in: folder, isAskedToStop: Countdown(12).isOver)
        let first = try folder.checkpoint()
        #expect(first.state.step > 0 && first.state.epoch > 0 && first.state.batch > 0)
        #expect(first.state.window.steps > 0)
        let path = folder.path("copy.safetensors")
        try first.write(to: path)
        #expect(try folder.data("copy.safetensors") == folder.data("run/checkpoint.safetensors"))
        let second = try Checkpoint(path: path, optimiser: recipe.training.optimiser)
        #expect(second.state == first.state)
        #expect(second.trained.weights.flat.values == first.trained.weights.flat.values)
        #expect(second.adam.moment.flat.values == first.adam.moment.flat.values)
        #expect(second.adam.variance.flat.values == first.adam.variance.flat.values)
        // A checkpoint is a model too.
        #expect(try TrainedModel(path: path).vocabulary == first.trained.vocabulary)
    }

    /// Written before the state knew of windows, evaluated steps, and other figures than CER and WER.
    @Test func anOlderStateResumes() throws {
        var (folder, recipe) = try tones()
        try train(recipe, in: folder, isAskedToStop: Countdown(30).isOver)
        try #require(try !folder.checkpoint().state.kept.isEmpty)
        let file = try SafeTensors(path: folder.path("run/checkpoint.safetensors"))
        var metadata = file.metadata
        let text = try #require(metadata["steno.training"])
        var state = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        for key in ["window", "evaluatedStep"] { state[key] = nil }
        let kept = try #require(state["kept"] as? [[String: Any]])
        state["kept"] = kept.map { $0.filter { ["file", "step", "cer", "wer"].contains($0.key) } }
        state["bestCER"] = 100
        metadata["steno.training"] = String(decoding: try JSONSerialization.data(withJSONObject: state), as: UTF8.self)
        let tensors = try file.names.map { name in
            let shape = try #require(file.shape(of: name))
            let tensor = Tensor(zeros: Shape(shape))
            try file.read(name, into: tensor)
            return (name: name, contents: SafeTensors.Contents.numbers(tensor, .float32))
        }
        try SafeTensors.write(tensors, metadata: metadata, to: folder.path("run/checkpoint.safetensors"))
        // The log ended with the CER of the CTC head.
        let lines = String(decoding: try folder.data("run/metrics.csv"), as: UTF8.self).split(separator: "\n")
        try folder.write(
            lines.map { $0.split(separator: ",", omittingEmptySubsequences: false).prefix(12).joined(separator: ",") }
                .joined(separator: "\n") + "\n", as: "run/metrics.csv")

        recipe.training.selectBy = .loss
        let error = try #require(throws: TrainingError.self) { try train(recipe, in: folder) }
        #expect(
            error.description == "\(folder.path("run/checkpoint.safetensors")) cannot be resumed: training.selectBy is "
                + "loss, which its best weights were not measured by")
        recipe.training.selectBy = .wer
        #expect(try train(recipe, in: folder) == .finished)
        #expect(try Remains(folder, "run").metrics.allSatisfy { $0.count == 15 })
    }

    /// The batch that was to be the next is not there any more.
    @Test func aRunGoesOnWithLargerBatches() throws {
        var (folder, recipe) = try tones()
        recipe.training.batchUtterances = 2
        try train(recipe, in: folder, isAskedToStop: Countdown(9).isOver)
        #expect(try folder.checkpoint().state.batch == 9)
        recipe.training.batchUtterances = 10
        #expect(try train(recipe, in: folder) == .finished)
        #expect(try folder.checkpoint().state.epoch == recipe.training.epochs)
    }

    @Test func aModelIsNoCheckpoint() throws {
        let (folder, recipe) = try tones()
        try train(recipe, in: folder)
        let path = folder.path("run/model.safetensors")
        let error = try #require(throws: FileError.self) {
            try Checkpoint(path: path, optimiser: recipe.training.optimiser)
        }
        #expect(error.description.contains("expected a checkpoint"))
    }
}
