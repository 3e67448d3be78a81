import Foundation

/// Kaldi's archive of matrices (ark) and its table of contents (scp) beside it, a line for each: name, path of the
/// archive and the place of the matrix in it.
///
/// A matrix is its name, a space, and in binary `\0B`, `FM `, rows and columns as 32-bit numbers after a byte 4, and the
/// float32 numbers row by row (Kaldi, kaldi-matrix.cc and kaldi-table-inl.h).
package struct KaldiArchive: ~Copyable {
    private let matrices: OutputFile
    private let contents: OutputFile
    /// As the contents name the archive: from wherever they are read.
    private let absolutePath: String
    private let path: String
    private var position = 0

    /// - Parameter path: of the archive, with the extension `.ark`.
    package init(_ path: String) throws(StenoError) {
        try self.init(path, matrices: OutputFile(path), contents: OutputFile(Self.contents(of: path)))
    }

    /// The path of an archive's table of contents.
    static func contents(of path: String) -> String { "\(path.dropLast(3))scp" }

    private init(_ path: String, matrices: consuming OutputFile, contents: consuming OutputFile) {
        self.path = path
        absolutePath = URL(fileURLWithPath: path).standardizedFileURL.path
        self.matrices = matrices
        self.contents = contents
    }

    /// - Parameter name: without white space.
    package mutating func append(_ rows: FeatureRows, name: String) throws(StenoError) {
        guard let count = Int32(exactly: rows.count), let columns = Int32(exactly: rows.columns) else {
            throw .output("\(path) cannot be written: Kaldi's matrices have no room for \(rows.count) rows")
        }
        let start = position + name.utf8.count + 1
        let header = Array("\(name) \0BFM ".utf8) + [4] + bytes(count) + [4] + bytes(columns)
        try matrices.write(header)
        try rows.forEachPiece { (piece) throws(StenoError) in try matrices.write(piece) }
        try contents.write(Array("\(name) \(absolutePath):\(start)\n".utf8))
        position += header.count + rows.count * rows.columns * MemoryLayout<Float>.size
    }

    /// Makes the archive and its contents appear, unless there is nothing in it.
    package consuming func finish() throws(StenoError) {
        guard position > 0 else { return }
        try matrices.finish()
        try contents.finish()
    }

    private func bytes(_ value: Int32) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }
}
