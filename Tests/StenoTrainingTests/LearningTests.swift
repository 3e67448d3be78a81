import StenoModels
import StenoTensor
import StenoTestSupport
import StenoTraining
import Testing

/// Small tasks learned to the end, through everything that a real run goes through.
@Suite struct LearningTests {
    /// Strings that were never seen come out turned round, all of them.
    @Test(arguments: [1, 2, 3]) func stringsAreTurnedRound(seed: Int) throws {
        try expectTurnedRound(seed: seed, precision: .float32)
    }

    @Test(.enabled(if: Precision.bfloat16.isAvailable), arguments: [1, 2])
    func stringsAreTurnedRoundInBfloat16(seed: Int) throws {
        try expectTurnedRound(seed: seed, precision: .bfloat16)
    }

    private func expectTurnedRound(seed: Int, precision: Precision) throws {
        let folder = try TemporaryFolder()
        let pairs = reversalPairs(3200, seed: UInt64(seed))
        try folder.write(pairs.prefix(3000).joined(separator: "\n"), as: "train.tsv")
        // Of several answers to one source one suffices: here the texts as they are would do as well.
        let copies = pairs.suffix(20).compactMap { $0.split(separator: "\t").first.map { "\($0)\t\($0)" } }
        try folder.write((pairs.suffix(200) + copies).joined(separator: "\n"), as: "dev.tsv")
        var recipe = Recipe.reversal
        recipe.training.seed = seed
        recipe.training.precision = precision
        #expect(try train(recipe, in: folder) == .finished)
        let state = try folder.checkpoint().state
        #expect(state.kept.last?.figures.wer == 0, "the model is an average of checkpoints without an error")
    }

    @Test func tenUtterancesOfTonesAreOverfitted() throws {
        try expectTonesOverfitted(precision: .float32)
    }

    @Test(.enabled(if: Precision.bfloat16.isAvailable)) func tenUtterancesOfTonesAreOverfittedInBfloat16() throws {
        try expectTonesOverfitted(precision: .bfloat16)
    }

    private func expectTonesOverfitted(precision: Precision) throws {
        let folder = try TemporaryFolder()
        try ToneCorpus.write(ToneCorpus.texts(10, seed: 8), named: "train", in: folder)
        var recipe = Recipe.tones
        recipe.data.dev = ["train.tsv"]
        recipe.training.precision = precision
        (recipe.model.encoder.units, recipe.model.decoder.units) = (32, 32)
        (recipe.model.encoder.dropout, recipe.model.decoder.dropout) = (0, 0)
        recipe.training.epochs = 120
        recipe.training.evaluationSteps = 60
        recipe.training.batchUtterances = 5
        recipe.training.scheduledSampling = 0
        recipe.training.speeds = [1]
        (recipe.training.masking.timeMasks, recipe.training.masking.frequencyMasks) = (0, 0)
        recipe.training.optimiser.rate = 0.01
        #expect(try train(recipe, in: folder, threads: 2) == .finished)
        let state = try folder.checkpoint().state
        #expect(state.kept.last?.figures.cer == 0)
    }
}
