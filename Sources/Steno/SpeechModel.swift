import AudioFrontEnd
import StenoModels

/// A model that reads audio, ready for use.
package struct SpeechModel: Sendable {
    package let path: String
    package let trained: TrainedModel
    package let extractor: FeatureExtractor

    /// - Parameter name: a path or the name of a model, see ``ModelLocation``; nil for the standard one.
    package init(named name: String?) throws(StenoError) {
        (path, trained) = try ModelLocation.load(name)
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
