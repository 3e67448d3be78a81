/// Files that hold the features of one recording.
package enum FeatureFile {
    package static func write(
        _ rows: FeatureRows, to path: String, format: FeatureFormat, htk: HTKHeader
    ) throws(StenoError) {
        let file = try OutputFile(path)
        switch format {
        case .npy, .npz, .kaldi:
            try file.write(NumPyHeader.bytes(rows: rows.count, columns: rows.columns))
            try rows.forEachPiece { (piece) throws(StenoError) in try file.write(piece) }
        case .csv:
            try rows.forEachPiece { (piece) throws(StenoError) in try file.write(lines(piece, columns: rows.columns)) }
        case .htk:
            guard let header = htk.bytes(rows: rows.count, columns: rows.columns) else {
                throw .output(
                    "\(path) cannot be written: HTK's files have no room for \(rows.count) rows of "
                        + "\(rows.columns) every \(htk.seconds) s")
            }
            try file.write(header)
            try rows.forEachPiece { (piece) throws(StenoError) in try file.write(piece.map(\.bitPattern.bigEndian)) }
        }
        try file.finish()
    }

    private static func lines(_ values: [Float], columns: Int) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(12 * values.count)
        for (index, value) in values.enumerated() {
            text.append(contentsOf: value.description.utf8)
            text.append((index + 1) % columns == 0 ? UInt8(ascii: "\n") : UInt8(ascii: ","))
        }
        return text
    }
}
