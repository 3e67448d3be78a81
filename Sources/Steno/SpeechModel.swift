import AudioFrontEnd
import StenoModels

/// A model that reads audio, ready for use.
package struct SpeechModel: Sendable {
    package let path: String
    package let trained: TrainedModel
    package let extractor: FeatureExtractor

    /// - Parameter name: a path or the name of a model, see ``ModelLocation``; nil for the standard one.
    package init(named name: String?) throws(StenoError) { try self.init(ModelLocation.load(name)) }

    /// Models that search together: all read the same features and write in the same vocabulary.
    package static func ensemble(_ names: [String]) throws(StenoError) -> [SpeechModel] {
        try ModelLocation.load(names, standard: .transcription).map { (loaded) throws(StenoError) in
            try SpeechModel(loaded)
        }
    }

    private init(_ loaded: (path: String, trained: TrainedModel)) throws(StenoError) {
        (path, trained) = loaded
        guard case .audio(let features, _) = trained.input else {
            throw .model("\(path): expected a model that reads audio, found one that reads text (steno translate)")
        }
        do throws(AudioError) { extractor = try FeatureExtractor(features) } catch { throw .audio(error) }
    }

    /// Seconds from the start of one step of the encoder to the next.
    var secondsPerStep: Double {
        let options = extractor.options
        return Double(options.hop * trained.model.stepLength) / Double(options.sampleRate)
    }
}
