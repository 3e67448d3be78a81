import AudioFrontEnd
import Foundation
import StenoTraining

/// Features of recordings, written to files that other programs read.
package struct FeatureFile {
    package enum Format: String, CaseIterable, Sendable {
        /// NumPy's array file: float32, `[frames, bins]`.
        case npy
        /// A line for each frame, commas between the bins.
        case csv
    }

    private let extractor: FeatureExtractor

    /// With the features of a model, of a recipe, or the standard ones.
    package init(model: String?, recipe: String?) throws(StenoError) {
        if let model {
            extractor = try SpeechModel(named: model).extractor
            return
        }
        var options = FeatureOptions()
        if let recipe {
            do throws(RecipeError) { options = try Recipe(path: recipe).features } catch {
                throw .recipe(error.description)
            }
        }
        do throws(AudioError) { extractor = try FeatureExtractor(options) } catch { throw .audio(error) }
    }

    /// Reads a recording and writes its features, not normalised; returns how many frames there are.
    package func write(_ recording: Recording, to path: String, format: Format) throws(StenoError) -> Int {
        let reader = try RecordingReader(recording, extractor: extractor, segmentation: .whole)
        var segments: [SpeechSegment] = []
        while let more = try reader.next() { segments += more }
        guard let features = segments.first?.features else { preconditionFailure("a recording without features") }
        let data = format == .npy ? Self.array(features) : Self.lines(features)
        do { try data.write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
            throw .output("\(path) cannot be written: \(error.localizedDescription)")
        }
        return features.frames
    }

    /// Where the features of each recording go: its name in `folder` with another extension. Two recordings that would
    /// go to one file are refused.
    package static func targets(
        of paths: [String], in folder: String, format: Format
    ) throws(StenoError) -> [String] {
        do { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) } catch {
            throw .output("\(folder) cannot be made: \(error.localizedDescription)")
        }
        var sources: [String: String] = [:]
        var targets: [String] = []
        for path in paths {
            let name = path == "-" ? "stdin" : URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
            let target = "\(folder)/\(name).\(format.rawValue)"
            if let other = sources.updateValue(path, forKey: target) {
                throw .output("\(target) would hold the features of both \(other) and \(path)")
            }
            targets.append(target)
        }
        return targets
    }

    /// NumPy's format 1.0: a Python literal padded so that the numbers begin at a multiple of 64 bytes.
    private static func array(_ features: Features) -> Data {
        var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(features.frames), \(features.bins)), }"
        header += String(repeating: " ", count: (64 - (10 + header.utf8.count + 1) % 64) % 64) + "\n"
        var data = Data([0x93] + Array("NUMPY".utf8) + [1, 0])
        data.append(contentsOf: [UInt8(header.utf8.count & 0xFF), UInt8(header.utf8.count >> 8)])
        data.append(contentsOf: header.utf8)
        features.values.withUnsafeBytes { data.append(contentsOf: $0) }
        return data
    }

    private static func lines(_ features: Features) -> Data {
        var data = Data()
        for frame in 0..<features.frames {
            let row = features.values[frame * features.bins..<(frame + 1) * features.bins]
            data.append(contentsOf: row.map { "\($0)" }.joined(separator: ",").utf8)
            data.append(0x0A)
        }
        return data
    }
}
