import StenoModels

/// A file of results, which appears under its name when it is whole.
struct OutputFile: ~Copyable {
    private let file: AtomicFile

    init(_ path: String) throws(StenoError) {
        do throws(FileError) { file = try AtomicFile(path: path) } catch { throw .output(error.description) }
    }

    /// Numbers as they stand in memory.
    func write(_ numbers: [some BitwiseCopyable]) throws(StenoError) {
        do throws(FileError) { try file.write(numbers) } catch { throw .output(error.description) }
    }

    /// Makes the file appear. Results can be made again, so that nothing waits for the disk.
    consuming func finish() throws(StenoError) {
        do throws(FileError) { try file.commit(isSynced: false) } catch { throw .output(error.description) }
    }
}
