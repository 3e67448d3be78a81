import AudioFrontEnd
import StenoModels
import StenoTensor

/// Everything that a training run is made of. A file in YAML names what differs from the defaults.
package struct Recipe: Codable, Hashable, Sendable {
    package var data = DataOptions()
    package var features = FeatureOptions()
    package var model = ModelOptions()
    package var training = TrainingOptions()
    package var search = SearchOptions()

    package init() {}

    /// The defaults for a kind of input: text has no CTC, and may become a longer one.
    package init(for input: ModelOptions.Input) {
        model.input = input
        guard input == .text else { return }
        training.ctcWeight = 0
        search.ctcWeight = 0
        search.extraTokens = 10
    }
}

package struct TrainingOptions: Codable, Hashable, Sendable {
    /// Of everything random.
    package var seed = 1
    package var epochs = 40
    /// Most frames of one batch, padding included; of texts most tokens on either side.
    package var batchFrames = 24_000
    /// Most utterances of one batch.
    package var batchUtterances = 64
    /// Parts into which each batch is cut; part of the result, unlike the number of threads.
    package var shards = 2
    /// What the factors of matrix products are rounded to in training steps; evaluations compute in float32.
    package var precision = Precision.float32
    /// A model, or a run's folder, whose weights to start from (fine-tuning); random ones if empty.
    package var startFrom = ""
    /// Share of the CTC loss; the rest is the attention decoder's cross-entropy.
    package var ctcWeight: Float = 0.3
    package var labelSmoothing: Float = 0.1
    /// Probability of feeding the decoder its own prediction instead of the transcript.
    package var scheduledSampling: Float = 0
    /// Speeds at which utterances are played, one drawn each time; of no use to text.
    package var speeds = [0.9, 1.0, 1.1]
    package var masking = MaskingOptions()
    package var optimiser = OptimiserOptions()
    /// Optimiser steps between evaluations on dev; 0 for once an epoch.
    package var evaluationSteps = 0
    /// Most dev utterances of an evaluation.
    package var evaluationUtterances = 500
    /// Beam of evaluations: 1 is greedy, by the decoder alone; more is as the section search says.
    package var evaluationBeam = 1
    /// Evaluations without improvement after which to stop; 0 for never.
    package var patience = 0
    /// The figure of dev that says which checkpoints are the best, and whether it gets better.
    package var selectBy = DevFigure.cer
    /// The best checkpoints whose average is the model, unless the best by itself is clearly better.
    package var averaged = 5
    /// Minutes between checkpoints for resuming.
    package var checkpointMinutes = 5.0

    package init() {}
}

/// SpecAugment without time warping (Park et al. 2019).
package struct MaskingOptions: Codable, Hashable, Sendable {
    package var frequencyMasks = 2
    /// Widest frequency mask in mel bins.
    package var frequencyWidth = 20
    package var timeMasks = 2
    /// Widest time mask in frames.
    package var timeWidth = 40
    /// Widest time mask as a share of the utterance.
    package var timeShare = 0.1

    package init() {}
}

package struct OptimiserOptions: Codable, Hashable, Sendable {
    package enum Schedule: String, Codable, CaseIterable, Sendable {
        /// Warm-up, then constant.
        case constant
        /// Warm-up, then with the inverse square root of the step (Vaswani et al. 2017).
        case inverseSquareRoot
        /// Warm-up, then half a cosine down to `finalRate` at the end of the run.
        case cosine
        /// Warm-up, then by a constant factor a step down to `finalRate` at the end of the run.
        case exponential
    }

    package var schedule = Schedule.cosine
    /// Highest learning rate, reached after the warm-up.
    package var rate = 1e-3
    package var finalRate = 1e-5
    package var warmupSteps = 500
    package var beta1: Float = 0.9
    package var beta2: Float = 0.98
    package var epsilon: Float = 1e-8
    /// Decoupled weight decay of matrices.
    package var decay: Float = 1e-6
    /// Largest norm of the gradient.
    package var clipNorm = 5.0

    package init() {}
}
