import AudioFrontEnd
import Foundation
import StenoTraining

/// Names given by a user as audio: files, folders, and "-" for standard input.
package enum AudioFiles {
    /// Replaces folders by the audio in them; `failed` gets the folders without any, and those that cannot be
    /// read.
    package static func expand(_ paths: [String], failed: (StenoError) -> Void) -> [String] {
        paths.flatMap { path -> [String] in
            do throws(StenoError) { return try expand(path, failed: failed) } catch {
                failed(error)
                return []
            }
        }
    }

    /// Replaces a folder by the audio files in it and below it, in the order of their names; other paths stay.
    ///
    /// Files in folders are known as audio by their names' extensions; hidden ones are left out.
    private static func expand(_ path: String, failed: (StenoError) -> Void) throws(StenoError) -> [String] {
        var isFolder: ObjCBool = false
        guard path != "-", FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue
        else { return [path] }
        var isWhole = true
        do throws(CorpusError) {
            let files = try audioFiles(below: path) { error in
                isWhole = false
                failed(.corpus(error.description))
            }
            guard files.isEmpty && isWhole else { return files }
        } catch { throw .corpus(error.description) }
        throw .noAudio(folder: path)
    }

    /// The length of a file: what its header says where that can be believed, else all of it is read.
    static func durationSeconds(_ path: String) throws(AudioError) -> Double {
        let reader = try AudioReader(path: path)
        if let frames = reader.sourceFrames { return Double(frames) / Double(reader.sourceSampleRate) }
        var samples = 0
        while case let piece = try reader.read(upTo: 1 << 16), !piece.isEmpty { samples += piece.count }
        return Double(samples) / Double(reader.sampleRate)
    }
}
