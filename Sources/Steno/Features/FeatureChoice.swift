import AudioFrontEnd
import Foundation
import StenoTraining

/// Which features are wanted.
package struct FeatureChoice: Sendable {
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

    var sampleRate: Int { extractor.options.sampleRate }
    var bins: Int { extractor.options.bins }
    var htk: HTKHeader { HTKHeader(kind: .filterBank, seconds: secondsPerFrame) }
    var secondsPerFrame: Double { Double(extractor.options.hop) / Double(sampleRate) }

    /// Gives the features of a recording as they come.
    func stream(
        _ samples: RecordingSamples, _ body: (Features) throws(StenoError) -> Void
    ) throws(StenoError) {
        var stream = extractor.stream()
        while case let piece = try samples.next(), !piece.isEmpty { try body(stream.push(piece)) }
        guard extractor.options.frameCount(samples: samples.count) > 0 else {
            throw .audioTooShort(
                path: samples.path, samples: samples.count, needed: extractor.options.frameLength)
        }
        try body(stream.finish())
    }
}

extension FeatureChoice {
    /// Draws a recording: an SVG file with axes, or as a PNG file the map alone.
    ///
    /// - Parameter path: ends in `.svg` or `.png`.
    package func draw(_ recording: Recording, to path: String, title: String) throws(StenoError) -> [String] {
        let options = extractor.options
        var picture = FeaturePicture(
            .mel(options.melScale, lowHertz: options.lowHertz, highHertz: options.highestHertz), count: bins,
            values: .levels(decibels: (options.spectrum == .magnitude ? 20 : 10) / log(10)),
            secondsPerFrame: secondsPerFrame)
        let samples = try RecordingSamples(recording, sampleRate: sampleRate)
        try stream(samples) { (features) throws(StenoError) in picture.add(features) }
        let file = try OutputFile(path)
        if path.hasSuffix(".png") {
            try file.write(picture.image().bytes)
        } else {
            try file.write(Array(picture.svg(title: title, subtitle: "log-mel").utf8))
        }
        try file.finish()
        return samples.warnings
    }
}
