import StenoModels
import StenoTensor
import StenoTestSupport
import StenoTraining
import Testing

/// Small tasks learned to the end, through everything that a real run goes through.
@Suite struct LearningTests {
    /// Strings that were never seen come out turned round, all of them.
    @Test(arguments: [1, 2, 3]) func stringsAreTurnedRound(seed: Int) throws {
        try expectTurnedRound(.reversal, seed: seed)
    }

    @Test(.enabled(if: Precision.bfloat16.isAvailable), arguments: [1, 2])
    func stringsAreTurnedRoundInBfloat16(seed: Int) throws {
        var recipe = Recipe.reversal
        recipe.training.precision = .bfloat16
        try expectTurnedRound(recipe, seed: seed)
    }

    @Test func stringsAreTurnedRoundByATransformer() throws {
        var recipe = Recipe.reversal
        recipe.model.architecture = .transformer
        (recipe.model.encoder.layers, recipe.model.decoder.layers) = (2, 2)
        recipe.model.decoder.dropout = 0
        recipe.model.transformer.feedForward = 128
        recipe.model.tied = .output
        recipe.training.optimiser.rate = 0.003
        try expectTurnedRound(recipe, seed: 1)
    }

    @Test func stringsAreTurnedRoundByLSTMsThatAttendLate() throws {
        var recipe = Recipe.reversal
        (recipe.model.encoder.cell, recipe.model.decoder.cell) = (.lstm, .lstm)
        recipe.model.decoder.layers = 2
        (recipe.model.decoder.inputFeeding, recipe.model.decoder.residual) = (false, true)
        try expectTurnedRound(recipe, seed: 1)
    }

    /// As well as the last states alone can carry them: seeds differ, from 3 to 7 % of errors.
    @Test func stringsAreTurnedRoundWithoutAttention() throws {
        var recipe = Recipe.reversal
        recipe.model.architecture = .recurrent
        (recipe.model.encoder.units, recipe.model.decoder.units) = (96, 128)
        try expectTurnedRound(recipe, seed: 1, mostErrors: 8)
    }

    /// - Parameter mostErrors: of characters, in per cent.
    private func expectTurnedRound(_ recipe: Recipe, seed: Int, mostErrors: Double = 0) throws {
        let folder = try TemporaryFolder()
        let pairs = reversalPairs(3200, seed: UInt64(seed))
        try folder.write(pairs.prefix(3000).joined(separator: "\n"), as: "train.tsv")
        // Of several answers to one source one suffices: here the texts as they are would do as well.
        let copies = pairs.suffix(20).compactMap { $0.split(separator: "\t").first.map { "\($0)\t\($0)" } }
        try folder.write((pairs.suffix(200) + copies).joined(separator: "\n"), as: "dev.tsv")
        var recipe = recipe
        recipe.training.seed = seed
        #expect(try train(recipe, in: folder) == .finished)
        let state = try folder.checkpoint().state
        let figure = try #require(state.kept.last).figures.cer
        #expect(figure <= mostErrors, "the model is an average of such checkpoints")
    }

    @Test func tenUtterancesOfTonesAreOverfitted() throws {
        try expectTonesOverfitted { _ in }
    }

    @Test func tenUtterancesOfTonesAreOverfittedByATransformer() throws {
        try expectTonesOverfitted { recipe in
            recipe.model.architecture = .transformer
            recipe.model.transformer.feedForward = 64
            recipe.training.optimiser.rate = 0.004
        }
    }

    @Test func tenUtterancesOfTonesAreOverfittedWithoutAttention() throws {
        try expectTonesOverfitted { $0.model.architecture = .recurrent }
    }

    @Test(.enabled(if: Precision.bfloat16.isAvailable)) func tenUtterancesOfTonesAreOverfittedInBfloat16() throws {
        try expectTonesOverfitted { $0.training.precision = .bfloat16 }
    }

    private func expectTonesOverfitted(_ change: (inout Recipe) -> Void) throws {
        let folder = try TemporaryFolder()
        try ToneCorpus.write(ToneCorpus.texts(10, seed: 8), named: "train", in: folder)
        var recipe = Recipe.tones
        recipe.data.dev = ["train.tsv"]
        (recipe.model.encoder.units, recipe.model.decoder.units) = (32, 32)
        (recipe.model.encoder.dropout, recipe.model.decoder.dropout) = (0, 0)
        recipe.training.epochs = 120
        recipe.training.evaluationSteps = 60
        recipe.training.batchUtterances = 5
        recipe.training.scheduledSampling = 0
        recipe.training.speeds = [1]
        (recipe.training.masking.timeMasks, recipe.training.masking.frequencyMasks) = (0, 0)
        recipe.training.optimiser.rate = 0.01
        change(&recipe)
        #expect(try train(recipe, in: folder, threads: 2) == .finished)
        let state = try folder.checkpoint().state
        #expect(state.kept.last?.figures.cer == 0)
    }
}
