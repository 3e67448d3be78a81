import Glibc
import StenoModels
import StenoTraining

/// Where models are looked for: `../share/steno/models` from the program (an installed one), then a folder `Models`
/// above the program or above the current folder (a checkout).
package enum ModelLocation {
    /// The model that is used where none is named.
    package enum Standard: String, Sendable {
        case transcription = "english"
        case translation = "french-english"
        case pronunciation = "english-pronunciation"
        case dialogue = "english-dialogue"
    }

    private static let fileExtension = ".safetensors"

    /// The path of a model.
    ///
    /// - Parameter name: a path, that of a run's folder, or the name of a model in one of the folders, with or without
    ///   its extension; nil for the standard one.
    package static func find(
        _ name: String?, standard: Standard = .transcription
    ) throws(StenoError) -> String {
        if name == "" { throw .model("expected the path or the name of a model, found an empty text") }
        let isFolder = name.map { exists("\($0)/.") } ?? false
        if let name {
            let file = modelFile(at: name)
            if file != name { return file }
            if name.contains("/") || exists(name) && !isFolder { return name }
        }
        let name = name ?? standard.rawValue
        let file = name.hasSuffix(fileExtension) ? name : name + fileExtension
        let folders = folders
        guard let folder = folders.first(where: { exists("\($0)/\(file)") }) else {
            if isFolder { return name }
            throw .modelNotFound(name: file, folders: folders)
        }
        return "\(folder)/\(file)"
    }

    /// Finds a model and reads it.
    static func load(
        _ name: String?, standard: Standard = .transcription
    ) throws(StenoError) -> (path: String, trained: TrainedModel) {
        let path = try find(name, standard: standard)
        do throws(FileError) { return (path, try TrainedModel(path: path)) } catch { throw StenoError(model: error) }
    }

    /// Reads models that are to search together: they must read the same features or vocabulary, and write in the same.
    ///
    /// - Parameter names: none for the standard model.
    static func load(
        _ names: [String], standard: Standard
    ) throws(StenoError) -> [(path: String, trained: TrainedModel)] {
        let first = try load(names.first, standard: standard)
        var models = [first]
        for name in names.dropFirst() { models.append(try load(name, like: first)) }
        return models
    }

    /// Reads a model that must read the same features or vocabulary as the first one, and write in the same.
    static func load(
        _ name: String, like first: (path: String, trained: TrainedModel)
    ) throws(StenoError) -> (path: String, trained: TrainedModel) {
        let other = try load(name)
        guard other.trained.input == first.trained.input else {
            throw .model("\(other.path): expected the features or vocabulary that \(first.path) reads, found others")
        }
        guard other.trained.vocabulary == first.trained.vocabulary else {
            throw .model("\(other.path): expected the vocabulary that \(first.path) writes, found another")
        }
        return other
    }

    /// The folders that there are to look in, first come first; the installed one is named even if it is missing.
    static var folders: [String] {
        let program = executablePath.map(parent) ?? "."
        let checkouts = (ancestors(of: program) + ancestors(of: currentFolder)).map { "\($0)/Models" }.filter(exists)
        var folders = ["\(parent(program))/share/steno/models"]
        for folder in checkouts where !folders.contains(folder) { folders.append(folder) }
        return folders
    }

    private static var executablePath: String? {
        guard let path = realpath("/proc/self/exe", nil) else { return nil }
        defer { free(path) }
        return String(cString: path)
    }

    private static var currentFolder: String {
        guard let path = getcwd(nil, 0) else { return "." }
        defer { free(path) }
        return String(cString: path)
    }

    private static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// The folder of an absolute path.
    private static func parent(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return "/" }
        return String(path[..<slash])
    }

    /// A folder and those above it, but for the root.
    private static func ancestors(of folder: String) -> [String] {
        folder == "/" || folder == "." ? [] : [folder] + ancestors(of: parent(folder))
    }
}
