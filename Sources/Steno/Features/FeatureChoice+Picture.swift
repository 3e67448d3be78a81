import AudioFrontEnd
import Foundation

extension FeatureChoice {
    /// Draws a recording: an SVG file with axes, or as a PNG file the map alone. Spectra and mel energies are drawn in
    /// decibels, whatever the features are; pitch as a curve over the spectrogram.
    ///
    /// - Parameters:
    ///   - path: ends in `.svg` or `.png`, in small letters or capitals.
    ///   - title: what the picture is called.
    /// - Returns: warnings.
    package func draw(_ recording: Recording, to path: String, title: String) throws(StenoError) -> [String] {
        let samples = try RecordingSamples(recording, sampleRate: sampleRate)
        let (picture, subtitle) = try picture(of: samples)
        guard !picture.isEmpty else {
            throw .output("\(path) cannot be drawn: \(samples.path) has not a single frame")
        }
        let file = try OutputFile(path)
        if path.lowercased().hasSuffix(".png") {
            try file.write(picture.image().bytes)
        } else {
            try file.write(Array(picture.svg(title: title, subtitle: subtitle).utf8))
        }
        try file.finish()
        return samples.warnings
    }

    private func picture(of samples: RecordingSamples) throws(StenoError) -> (FeaturePicture, subtitle: String) {
        switch maker {
        case .pitch(let tracker):
            let background = try Self.background(of: tracker.options)
            var picture = FeaturePicture(background.options)
            var (spectra, pitch) = (background.stream(), tracker.stream())
            try read(samples) { (piece) throws(StenoError) in
                picture.add(spectra.push(piece))
                picture.add(pitch.push(piece), secondsPerFrame: secondsPerFrame)
            }
            picture.add(spectra.finish())
            picture.add(pitch.finish(), secondsPerFrame: secondsPerFrame)
            return (picture, "spectrogram and pitch")
        case .features(let extractor):
            let drawn = try Self.drawn(extractor.options)
            var picture = FeaturePicture(drawn.options)
            let rows = try FeatureChoice(drawn).rows(of: samples) {
                FeatureRows(columns: $0, folder: NSTemporaryDirectory())
            }
            try rows.forEachPiece { (piece) throws(StenoError) in
                picture.add(Features(values: piece, bins: rows.columns))
            }
            let kind = "\(extractor.options.valueName), \(samples.sampleRate) Hz"
            return (picture, kind)
        }
    }

    /// The spectrogram that pitch is drawn over: frames long enough to show a voice's harmonics, centred as those of
    /// the pitch are.
    private static func background(of pitch: PitchOptions) throws(StenoError) -> FeatureExtractor {
        var options = FeatureOptions()
        options.sampleRate = pitch.sampleRate
        options.output = .spectrogram
        options.window = .hann
        options.framing = .centred
        options.preEmphasis = 0
        options.frameSeconds = 0.03
        options.compression = .decibels
        do throws(AudioError) { return try FeatureExtractor(options) } catch { throw .audio(error) }
    }

    /// As a picture shows them: levels in decibels and nothing else. Cepstra stay as they are.
    private static func drawn(_ options: FeatureOptions) throws(StenoError) -> FeatureExtractor {
        var options = options
        if options.output != .mfcc {
            (options.compression, options.floorRule, options.reference) = (.decibels, .least, 1)
            (options.range, options.outputOffset, options.outputScale) = (0, 0, 1)
            options.energy = .none
        }
        do throws(AudioError) { return try FeatureExtractor(options) } catch { throw .audio(error) }
    }

    private init(_ extractor: FeatureExtractor) { maker = .features(extractor) }
}

extension FeaturePicture {
    fileprivate init(_ options: FeatureOptions) {
        let seconds = Double(options.hop) / Double(options.sampleRate)
        switch options.output {
        case .spectrogram:
            let points = options.transformLength
            self.init(
                .spectrum(hertz: Double(options.sampleRate) / Double(points)), count: points / 2 + 1,
                secondsPerFrame: seconds, silence: options.silentValue)
        case .mel:
            self.init(
                .mel(options.melScale, lowHertz: options.lowHertz, highHertz: options.highestHertz),
                count: options.melBins, secondsPerFrame: seconds, silence: options.silentValue)
        case .mfcc: self.init(.numbered, count: options.bins, secondsPerFrame: seconds)
        }
    }
}

extension FeatureOptions {
    /// What values are, in a picture.
    fileprivate var valueName: String {
        switch output {
        case .spectrogram: "spectrogram of \(transformLength) points"
        case .mel: "\(melBins) mel filters"
        case .mfcc: "\(coefficients) cepstra"
        }
    }
}
