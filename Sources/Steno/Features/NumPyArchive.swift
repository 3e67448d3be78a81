/// NumPy's archive of array files.
package struct NumPyArchive: ~Copyable {
    private var zip: ZipArchive

    package init(_ path: String) throws(StenoError) { zip = try ZipArchive(path) }

    /// What ``append(_:name:check:)`` needs to know of an array file beforehand.
    package static func check(_ rows: FeatureRows) throws(StenoError) -> UInt32 {
        var check = ZipArchive.check(0, NumPyHeader.bytes(rows: rows.count, columns: rows.columns))
        try rows.forEachPiece { (piece) throws(StenoError) in check = ZipArchive.check(check, piece) }
        return check
    }

    package mutating func append(_ rows: FeatureRows, name: String, check: UInt32) throws(StenoError) {
        let header = NumPyHeader.bytes(rows: rows.count, columns: rows.columns)
        let size = header.count + rows.count * rows.columns * MemoryLayout<Float>.size
        try zip.begin("\(name).npy", size: UInt64(size), check: check)
        try zip.write(header)
        try rows.forEachPiece { (piece) throws(StenoError) in try zip.write(piece) }
    }

    /// Makes the archive appear, unless there is nothing in it.
    package consuming func finish() throws(StenoError) { if zip.count > 0 { try zip.finish() } }
}
