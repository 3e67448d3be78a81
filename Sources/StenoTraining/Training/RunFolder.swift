import Foundation
import StenoModels

/// The folder of one training run, held by one process at a time.
final class RunFolder {
    let path: String
    /// Nil in a process that only reads.
    private let descriptor: Int32?
    private let isNew: Bool

    var checkpoint: String { file(Trainer.checkpointName) }
    var model: String { file(Trainer.modelName) }
    func file(_ name: String) -> String { "\(path)/\(name)" }
    var hasCheckpoint: Bool { FileManager.default.fileExists(atPath: checkpoint) }

    /// Makes the folder if it is missing and takes hold of it; what a killed run left half-written goes.
    ///
    /// - Parameter isOwner: false in the processes of a run that do not write: they read, and do nothing else.
    init(_ path: String, isOwner: Bool = true) throws(FileError) {
        self.path = path
        guard isOwner else {
            (descriptor, isNew) = (nil, false)
            return
        }
        isNew = !FileManager.default.fileExists(atPath: path)
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw .unwritable(path: path, reason: error.sentence)
        }
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unwritable(path: path, reason: String(cString: strerror(errno))) }
        // Where a file system has no locks, nothing is held and nothing is refused.
        if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
            close(descriptor)
            throw .unwritable(path: path, reason: "another training run is using the folder")
        }
        self.descriptor = descriptor
        remove { $0.hasSuffix(AtomicFile.partialSuffix) }
    }

    deinit {
        guard let descriptor else { return }
        // One that a run did not come to write in goes, if it is empty.
        if isNew { rmdir(path) }
        // Said, not left to closing: a child that is just being started still has the descriptor.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    static func keptName(step: Int) -> String { String(format: "step-%06d.safetensors", step) }

    /// Removes weights that were kept for the average and are no longer among the best.
    func removeWeights(except kept: [String]) {
        remove { $0.hasPrefix("step-") && $0.hasSuffix(".safetensors") && !kept.contains($0) }
    }

    private func remove(where isUnwanted: (String) -> Bool) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        for name in names where isUnwanted(name) { unlink(file(name)) }
    }
}

/// The model file that a path stands for: of a run's folder the model within, else the path itself.
package func modelFile(at path: String) -> String {
    let ofRun = "\(path)/\(Trainer.modelName)"
    return FileManager.default.fileExists(atPath: ofRun) ? ofRun : path
}
