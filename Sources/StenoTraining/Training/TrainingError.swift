import AudioFrontEnd
import StenoModels

/// Why a training run cannot start or had to stop; one sentence.
package enum TrainingError: Error, CustomStringConvertible {
    case recipe(RecipeError)
    case manifest(ManifestError)
    case audio(AudioError)
    case file(FileError)
    case log(LogError)
    case noData(String)
    /// Why there is no vocabulary as the recipe asks for.
    case vocabulary(String)
    /// A precision that the processor, or the cap on its instruction set, does not allow.
    case precision(String)
    case diverged(step: Int, reason: String, utterances: [String], checkpoint: String?)
    case cannotResume(path: String, reason: String)
    case shards(Int, processes: Int)
    case communication(CommunicationError)
    /// Another process of the run failed.
    case elsewhere(rank: Int, reason: String)

    package var description: String {
        switch self {
        case .recipe(let error): error.description
        case .manifest(let error): error.description
        case .audio(let error): error.description
        case .file(let error): error.description
        case .log(let error): error.description
        case .noData(let what), .vocabulary(let what): what
        case .precision(let name):
            "training.precision is \(name), which needs AVX-512 with avx512_bf16: this processor lacks it, or STENO_ISA "
                + "forbids it"
        case .diverged(let step, let reason, let utterances, let checkpoint):
            "training diverged at step \(step) (\(reason)) on the utterances \(utterances.joined(separator: ", ")); "
                + (checkpoint.map { "the last good checkpoint is \($0)" } ?? "there is no checkpoint yet")
        case .cannotResume(let path, let reason): "\(path) cannot be resumed: \(reason)"
        case .shards(let shards, let processes):
            "training.shards is \(shards), but \(processes) processes need a power of two of shards each "
                + "(\(processes), \(2 * processes), \(4 * processes) ... in all)"
        case .communication(let error): error.description
        case .elsewhere(let rank, let reason): "process \(rank) of the run: \(reason)"
        }
    }
}
