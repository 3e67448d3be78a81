import StenoModels

/// Writes a model's matrices in 8 bits.
package enum ModelCompression {
    package struct Summary: Encodable, Sendable {
        package let path: String
        /// Of the two files.
        package let bytes: Int, bytesBefore: Int

        private enum CodingKeys: String, CodingKey {
            case path, bytes
            case bytesBefore = "bytes_before"
        }
    }

    /// - Parameters:
    ///   - name: a path or the name of a model.
    ///   - output: the file to write.
    package static func compress(model name: String, output: String) throws(StenoError) -> Summary {
        let path = try ModelLocation.find(name)
        do throws(FileError) {
            // The size is asked for first: both paths may be the same.
            let bytesBefore = fileSize(path)
            try TrainedModel(path: path).write(to: output, matrices: .int8)
            return Summary(path: output, bytes: fileSize(output), bytesBefore: bytesBefore)
        } catch { throw StenoError(model: error) }
    }
}

extension ModelCompression.Summary: CustomStringConvertible {
    package var description: String { "\(path): \(bytes) bytes, before \(bytesBefore)" }
}
