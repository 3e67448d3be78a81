import Foundation
import StenoTensor
import StenoTestSupport
import StenoTraining
import Testing

/// Several processes that train together leave behind what one does, to the bit.
@Suite struct ProcessesTests {
    private func tones() throws -> (TemporaryFolder, Recipe) {
        let folder = try TemporaryFolder()
        try ToneCorpus.write(ToneCorpus.texts(22, seed: 1), named: "train", in: folder)
        // More than one batch of an evaluation.
        try ToneCorpus.write(ToneCorpus.texts(50, seed: 2), named: "dev", in: folder)
        return (folder, .tones)
    }

    /// Trains as processes that each have a recipe of their own.
    private func train(
        _ recipes: [Recipe], in folder: TemporaryFolder, run: String = "run", notes: Notes = Notes(),
        isAskedToStop: @escaping @Sendable (_ rank: Int) -> Bool = { _ in false }
    ) -> [Result<Trainer.Outcome, TrainingError>] {
        let (base, path) = (folder.url.path, folder.path(run))
        return ThreadCommunicator.run(recipes.count) { communicator in
            do throws(TrainingError) {
                let trainer = try Trainer.join(communicator) { () throws(TrainingError) in
                    try Trainer(
                        recipes[communicator.rank], base: base, folder: path, threads: 1,
                        communicator: communicator, note: notes.add)
                }
                let rank = communicator.rank
                return .success(try trainer.run(isAskedToStop: { isAskedToStop(rank) }, showProgress: { _ in }))
            } catch { return .failure(error) }
        }
    }

    private func errors(_ results: [Result<Trainer.Outcome, TrainingError>]) -> [String] {
        results.map { result in
            if case .failure(let error) = result { error.description } else { "none" }
        }
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6, 8, 11]) func sumsFollowTheTree(processes: Int) {
        let length = 1001
        var random = RandomStream(key: 7)
        let vectors = (0..<processes).map { _ in (0..<length).map { _ in random.normal() } }
        var expected = vectors
        var distance = 1
        while distance < processes {
            for target in stride(from: 0, to: processes - distance, by: 2 * distance) {
                for index in 0..<length { expected[target][index] += expected[target + distance][index] }
            }
            distance *= 2
        }
        let sums = ThreadCommunicator.run(processes) { communicator in
            let sum = TreeSum(over: communicator, length: length) { numbers, sums in
                for index in numbers.indices { sums[index] += numbers[index] }
            }
            var vector = vectors[communicator.rank]
            vector.withUnsafeMutableBufferPointer { try? sum($0) }
            return vector
        }
        for vector in sums { #expect(vector == expected[0]) }
    }

    @Test(arguments: [(2, 2), (2, 4), (3, 3), (3, 6), (4, 4)])
    func theNumberOfProcessesChangesNothing(processes: Int, shards: Int) throws {
        var (folder, recipe) = try tones()
        recipe.training.shards = shards
        try StenoTrainingTests.train(recipe, in: folder, run: "one")
        let notes = Notes()
        let results = train([Recipe](repeating: recipe, count: processes), in: folder, run: "more", notes: notes)
        #expect(errors(results) == [String](repeating: "none", count: processes))
        #expect(try Remains(folder, "more").differences(from: Remains(folder, "one")) == [])
        #expect(notes.lines.count { $0.hasPrefix("communication: ") } == 1)
    }

    @Test func oneThatIsAskedToStopStopsAll() throws {
        var (folder, recipe) = try tones()
        recipe.training.shards = 2
        try StenoTrainingTests.train(recipe, in: folder, run: "whole")
        let countdown = Countdown(9)
        let results = train([recipe, recipe], in: folder) { rank in rank == 1 && countdown.isOver() }
        #expect(results.map { try? $0.get() } == [.asked, .asked])
        #expect(try folder.checkpoint().state.step > 0)
        // What two began one may end.
        #expect(try StenoTrainingTests.train(recipe, in: folder) == .finished)
        #expect(try Remains(folder, "run").differences(from: Remains(folder, "whole")) == [])
    }

    @Test func aMissingRecordingStopsAll() throws {
        var (folder, recipe) = try tones()
        recipe.training.shards = 2
        // A run that goes on reads no recording before the first step.
        #expect(train([recipe, recipe], in: folder) { _ in true }.map { try? $0.get() } == [.asked, .asked])
        for index in 0..<22 { try FileManager.default.removeItem(atPath: folder.path("train-\(index).wav")) }
        let found = errors(train([recipe, recipe], in: folder))
        #expect(found.allSatisfy { $0.contains("there is no such file") }, "\(found)")
        #expect(found[1].hasPrefix("process 0 of the run: "))
    }

    @Test func shardsThatCannotBeDealtOutAreRefused() throws {
        var (folder, recipe) = try tones()
        for (shards, processes) in [(3, 2), (6, 2), (2, 3), (9, 3)] {
            recipe.training.shards = shards
            let found = errors(train([Recipe](repeating: recipe, count: processes), in: folder))
            #expect(found[0].hasPrefix("training.shards is \(shards), but \(processes) processes need"), "\(found)")
        }
    }

    @Test func processesThatDifferAreRefused() throws {
        var (folder, recipe) = try tones()
        recipe.training.shards = 2
        var other = recipe
        other.training.seed = 2
        let found = errors(train([recipe, other], in: folder))
        #expect(found.allSatisfy { $0.hasPrefix("process 1 of the run: its recipe's checksum is ") }, "\(found)")
    }
}
