import Foundation
import StenoTraining

/// Trains a model by a recipe.
///
///     let trainer = try Trainer(recipe: "digits.yaml", folder: "run") { print($0) }
///     try trainer.run()
///
/// The folder gets checkpoints, logs and `model.safetensors`, the average of the best weights or, if dev clearly prefers
/// it, the best by itself. A folder in which a run was interrupted goes on from its last checkpoint.
///
/// In a program that `mpirun` starts several times over, the processes train together, to the same bits as one would
/// (with the package's trait `MPI`). A process that fails ends with a code other than 0, which ends the others; where all
/// fail, those that throw ``StenoError/elsewhere`` end with 0.
public final class Trainer {
    public enum Outcome: Sendable {
        /// All epochs are done, or evaluation has not improved for as long as the recipe waits.
        case finished
        /// Ctrl-C or SIGTERM; a checkpoint was written.
        case interrupted
    }

    private let trainer: StenoTraining.Trainer
    private let communicator: any Communicator

    /// Reads the recipe and the data.
    ///
    /// - Parameters:
    ///   - recipe: path of a YAML file; its own paths are relative to its folder.
    ///   - changes: fields that are to differ from the file, such as `training.epochs=3`; their paths are
    ///     relative to the current folder.
    ///   - folder: for all that is written; made if missing.
    ///   - threads: worker threads, which change the speed and not the result; nil for as many as processors.
    ///   - note: takes lines for a person.
    public init(
        recipe: String, changes: [String] = [], folder: String, threads: Int? = nil,
        note: @escaping (String) -> Void = { _ in }
    ) throws(StenoError) {
        let threads = try threadCount(threads)
        let communicator: any Communicator
        do throws(CommunicationError) { communicator = try Launch.communicator() } catch {
            throw .training(error.description)
        }
        self.communicator = communicator
        do throws(TrainingError) {
            trainer = try StenoTraining.Trainer.join(communicator) { () throws(TrainingError) in
                let read: Recipe
                do throws(RecipeError) { read = try Recipe(path: recipe, changes: changes) } catch {
                    throw .recipe(error)
                }
                return try StenoTraining.Trainer(
                    read, base: (recipe as NSString).deletingLastPathComponent, folder: folder, threads: threads,
                    communicator: communicator, note: note)
            }
        } catch { throw communicator.left(after: error, isShared: true) }
    }

    /// Trains until the recipe's end, or until the user asks to stop.
    @discardableResult
    public func run() throws(StenoError) -> Outcome {
        let outcome: StenoTraining.Trainer.Outcome
        do throws(TrainingError) { outcome = try trainer.run() } catch {
            throw communicator.left(after: error, isShared: error.isShared)
        }
        try? communicator.leave()
        return outcome == .asked ? .interrupted : .finished
    }

    /// A recipe with all its fields, in YAML.
    public static func describe(recipe: String, changes: [String] = []) throws(StenoError) -> String {
        do throws(RecipeError) { return try Recipe(path: recipe, changes: changes).describedYAML } catch {
            throw .recipe(error.description)
        }
    }
}

extension Communicator {
    /// Leaves the run after an error that all processes have come to, of which process 0 tells. An error of one process
    /// alone keeps it from leaving in order, and so its end is that of all.
    fileprivate func left(after error: TrainingError, isShared: Bool) -> StenoError {
        guard isShared else { return StenoError(error) }
        try? leave()
        return rank == 0 ? StenoError(error) : .elsewhere
    }
}

extension TrainingError {
    /// Whether all processes of a run come to it.
    fileprivate var isShared: Bool {
        switch self {
        case .elsewhere, .diverged, .audio: true
        default: false
        }
    }
}
