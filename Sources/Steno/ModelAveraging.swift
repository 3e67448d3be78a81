import StenoModels
import StenoTensor
import StenoTraining

/// Writes the mean of several models of one structure, as of checkpoints of one run.
package enum ModelAveraging {
    package struct Summary: Encodable, Sendable {
        package let path: String
        /// How many were averaged.
        package let models: Int
        package let parameters: Int
    }

    /// - Parameters:
    ///   - names: paths or names of models, at least one. All but the weights is the first one's, save its figures on dev,
    ///     which are not the average's.
    ///   - output: the file to write.
    package static func average(models names: [String], output: String) throws(StenoError) -> Summary {
        precondition(!names.isEmpty, "an average of nothing")
        let first = try ModelLocation.load(names[0])
        let (model, layout) = (first.trained.model, first.trained.model.layout)
        let mean = try Weights(averageOf: names.count, layout: layout) { (index) throws(StenoError) in
            if index == 0 { return first.trained.weights }
            let other = try ModelLocation.load(names[index], like: first)
            guard other.trained.model.options.structure == model.options.structure else {
                throw .model("\(other.path): expected the structure of \(first.path), found another")
            }
            return other.trained.weights
        }
        var average = TrainedModel(
            model: model, weights: mean, vocabulary: first.trained.vocabulary, input: first.trained.input,
            language: first.trained.language, search: first.trained.search, provenance: first.trained.provenance)
        average.provenance.figures = [:]
        do throws(FileError) { try average.write(to: output, matrices: .float16) } catch {
            throw StenoError(model: error)
        }
        return Summary(path: output, models: names.count, parameters: layout.count)
    }
}

extension ModelAveraging.Summary: CustomStringConvertible {
    package var description: String { "\(path): the average of \(models) models of \(parameters) parameters" }
}
