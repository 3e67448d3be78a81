import Foundation
import StenoTraining

/// Trains a model by a recipe.
///
///     let trainer = try Trainer(recipe: "digits.yaml", folder: "run") { print($0) }
///     try trainer.run()
///
/// The folder gets checkpoints, logs and `model.safetensors`, the average of the best weights. A folder in which a run
/// was interrupted goes on from its last checkpoint.
public final class Trainer {
    public enum Outcome: Sendable {
        /// All epochs are done, or evaluation has not improved for as long as the recipe waits.
        case finished
        /// Ctrl-C or SIGTERM; a checkpoint was written.
        case interrupted
    }

    private let trainer: StenoTraining.Trainer

    /// Reads the recipe and the data.
    ///
    /// - Parameters:
    ///   - recipe: path of a YAML file; its own paths are relative to its folder.
    ///   - changes: fields that are to differ from the file, such as `training.epochs=3`.
    ///   - folder: for all that is written; made if missing.
    ///   - threads: worker threads, which change the speed and not the result; nil for as many as processors.
    ///   - note: takes lines for a person.
    public init(
        recipe: String, changes: [String] = [], folder: String, threads: Int? = nil,
        note: @escaping (String) -> Void = { _ in }
    ) throws(StenoError) {
        let read: Recipe
        do throws(RecipeError) { read = try Recipe(path: recipe, changes: changes) } catch {
            throw .recipe(error.description)
        }
        let threads = try threadCount(threads)
        do throws(TrainingError) {
            trainer = try StenoTraining.Trainer(
                read, base: (recipe as NSString).deletingLastPathComponent, folder: folder, threads: threads,
                note: note)
        } catch { throw StenoError(error) }
    }

    /// Trains until the recipe's end, or until the user asks to stop.
    @discardableResult
    public func run() throws(StenoError) -> Outcome {
        do throws(TrainingError) {
            switch try trainer.run() {
            case .finished, .stopped: return .finished
            case .asked: return .interrupted
            }
        } catch { throw StenoError(error) }
    }

    /// A recipe with all its fields, in YAML.
    public static func describe(recipe: String, changes: [String] = []) throws(StenoError) -> String {
        do throws(RecipeError) { return try Recipe(path: recipe, changes: changes).describedYAML } catch {
            throw .recipe(error.description)
        }
    }
}
