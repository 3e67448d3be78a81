import AudioFrontEnd
import StenoModels
import StenoTensor
import StenoText
import Yams

extension Recipe {
    /// The resolved recipe as YAML, with the line that documents it above each field.
    package var describedYAML: String {
        let documentation = Dictionary(uniqueKeysWithValues: Recipe.documentation)
        return Recipe.lines(of: node, at: "", indent: "", documentation).joined(separator: "\n") + "\n"
    }

    /// Every field and section by its path, in no order, as `training.epochs`.
    package var fields: [String] {
        Recipe.fields(of: node, at: "")
    }

    private static func fields(of node: Node, at path: String) -> [String] {
        guard case .mapping(let mapping) = node else { return [] }
        return mapping.flatMap { key, value in
            let field = path + (key.string ?? "")
            return [field] + fields(of: value, at: field + ".")
        }
    }

    private static func lines(
        of node: Node, at path: String, indent: String, _ documentation: [String: String]
    ) -> [String] {
        guard case .mapping(let mapping) = node else { return [] }
        return mapping.flatMap { key, value -> [String] in
            let name = key.string ?? ""
            let comment = documentation[path + name].map { ["\(indent)# \($0)"] } ?? []
            if case .mapping = value {
                let fields = lines(of: value, at: "\(path)\(name).", indent: indent + "  ", documentation)
                return comment + ["\(indent)\(name):"] + fields
            }
            return comment + ["\(indent)\(name): \(Fields.inLine(value))"]
        }
    }

    /// A line for each field and section of a recipe.
    package static let documentation =
        general + vocabulary(at: "data.vocabulary.source") + vocabulary(at: "data.vocabulary.target")

    private static let general: [(field: String, line: String)] = [
        ("data", "What to train and to evaluate on."),
        (
            "data.train",
            "Manifests (audio); pairs, or {source: PATH, target: PATH} (text). Relative to the recipe's folder."
        ),
        ("data.dev", "The same to evaluate on while training."),
        ("data.sourceColumn", "Column of the source in files of text pairs, counted from 1."),
        ("data.targetColumn", "Column of the target in files of text pairs."),
        ("data.corpora", "Only these corpora of the manifests; all if empty."),
        (
            "data.heldOut",
            "Regular expression: training data whose id (of pairs FILE:LINE) matches is held out as dev."
        ),
        ("data.longestSeconds", "Longer utterances are left out of training."),
        ("data.shortestSeconds", "Shorter utterances are left out of training."),
        ("data.longestTokens", "Text pairs of which a side has more tokens are left out of training."),
        ("data.shortestTokens", "Text pairs of which a side has fewer tokens are left out of training."),
        ("data.cacheMegabytes", "Megabytes of features that are kept between epochs."),
        ("data.vocabulary", "What the tokens of texts are. A field of a side that stands here is that of both."),
        ("data.vocabulary.joint", "Whether both sides of text share one vocabulary, learned from both."),
        ("data.vocabulary.source", "Of what a model of text reads; of no use to audio."),
        ("data.vocabulary.target", "Of what a model writes."),

        ("features", "How sound becomes features."),
        ("features.sampleRate", "Samples a second, 2000 to 768000; recordings are resampled to it."),
        ("features.frameSeconds", "Length of a frame in seconds."),
        ("features.hopSeconds", "From the start of one frame to the next in seconds."),
        ("features.frameSamples", "Length of a frame in samples at any rate; 0 for the seconds."),
        ("features.hopSamples", "From the start of one frame to the next in samples at any rate; 0 for the seconds."),
        ("features.rounding", "How seconds become samples: " + FeatureOptions.Rounding.choices + "."),
        ("features.framing", "Where frames lie: " + FeatureOptions.Framing.choices + "."),
        ("features.edges", "What stands outside of the signal: " + FeatureOptions.Edges.choices + "."),
        ("features.transformPoints", "Points of the Fourier transform; 0 for the power of two at or above a frame."),
        (
            "features.windowPlacement",
            "The window in the transform: " + FeatureOptions.WindowPlacement.choices + "."
        ),
        (
            "features.window",
            "Window: povey, rectangular, hann, hamming or blackman; three also as hannPeriodic etc."
        ),
        ("features.preEmphasis", "Share of the sample before that is taken off each sample, 0 to 1."),
        ("features.removeDC", "Whether each frame's mean is taken off."),
        ("features.sampleScale", "What samples in [-1, 1] are multiplied by."),
        ("features.preEmphasisScope", "Where it is taken: " + FeatureOptions.PreEmphasisScope.choices + "."),
        ("features.dither", "Deviation of noise that is added to the scaled samples; 0 for none."),
        ("features.ditherSeed", "What that noise comes from."),
        ("features.output", "What a frame is: " + FeatureOptions.Output.choices + "."),
        ("features.spectrum", "What the filters sum: " + FeatureOptions.Spectrum.choices + "."),
        ("features.melBins", "Filters; 1 to 1024."),
        ("features.lowHertz", "Where the lowest filter begins in hertz."),
        ("features.highHertz", "Where the highest ends in hertz; 0 or below is counted from the Nyquist frequency."),
        ("features.melScale", "Mel scale: " + MelScale.choices + "."),
        ("features.melSlope", "Where filters have straight sides: " + FeatureOptions.MelSlope.choices + "."),
        ("features.areaNormalised", "Whether each filter is scaled to the area of 1."),
        ("features.logFloor", "Energies below this are taken as this before the logarithm."),
        ("features.compression", "The logarithm: " + FeatureOptions.Compression.choices + "."),
        ("features.floorRule", "How the floor is used: " + FeatureOptions.FloorRule.choices + "."),
        ("features.reference", "What energies are divided by before the logarithm; 0 for the loudest."),
        ("features.range", "How far values may lie below the loudest, in the logarithm's unit; 0 for any."),
        ("features.outputOffset", "What is added to values."),
        ("features.outputScale", "What they are multiplied by after that."),
        ("features.coefficients", "Cepstra that are kept, 1 to melBins."),
        ("features.cosineTransform", "Their scale: " + FeatureOptions.CosineTransform.choices + "."),
        ("features.lifter", "Lifter of the cepstra; 0 for none."),
        ("features.lifterFirst", "What the first of them counts as in the lifter: 0, or 1 as in librosa."),
        ("features.zerothLast", "Whether the zeroth of the cepstra comes last."),
        ("features.energy", "Where a frame's energy stands: " + FeatureOptions.Energy.choices + "."),
        ("features.energySource", "What it sums: " + FeatureOptions.EnergySource.choices + "."),
        ("features.energyFloor", "Energies of frames below this are taken as this before the logarithm."),

        ("model", "Size and kind of the model."),
        ("model.architecture", "Kind of the model: " + Architecture.choices + "."),
        ("model.input", "What the model reads: " + ModelOptions.Input.choices + "."),
        ("model.encoder", "Bidirectional recurrent layers, or those of a Transformer, over the source."),
        ("model.encoder.subsampling", "Feature frames of one encoder step: 2 or 4; of no use to text."),
        ("model.encoder.channels", "Channels of the subsampling convolutions; of no use to text."),
        ("model.encoder.input", "Width of what the first recurrent layer reads; of no use to a Transformer."),
        ("model.encoder.layers", "Layers, 1 to 64."),
        ("model.encoder.units", "Units of each direction of each layer, or the width of a Transformer."),
        ("model.encoder.cell", "Kind of recurrent layer: " + RecurrentKind.choices + "."),
        ("model.encoder.residual", "Whether recurrent layers add what they read, where the widths agree."),
        ("model.encoder.normalised", "Layer normalisation of the input and between recurrent layers."),
        ("model.encoder.dropout", "Dropout of what each layer reads and of the states, in training."),
        ("model.decoder", "Recurrent layers, or those of a Transformer, that attend to the encoder's states."),
        (
            "model.decoder.bridge",
            "Whether first states come from the encoder's last, as without attention; zeros otherwise."
        ),
        ("model.decoder.embedding", "Width of embedded tokens; of no use to a Transformer."),
        ("model.decoder.layers", "Layers, 1 to 64."),
        ("model.decoder.units", "Units of each recurrent layer, or the width of a Transformer."),
        ("model.decoder.cell", "Kind of recurrent layer: " + RecurrentKind.choices + "."),
        ("model.decoder.inputFeeding", "Whether the first layer reads what it attends to, not the readout alone."),
        ("model.decoder.residual", "Whether recurrent layers above the first add the states below them."),
        ("model.decoder.attention", "Width of the additive attention."),
        ("model.decoder.locationFilters", "Filters over the sum of earlier attention weights; 0 for none."),
        ("model.decoder.locationWidth", "Encoder steps that a location filter spans; odd."),
        ("model.decoder.readout", "Width of the hidden layer between state and output."),
        ("model.decoder.dropout", "Dropout of the embedding, between layers and of the readout, in training."),
        ("model.transformer", "What else a Transformer is made of."),
        ("model.transformer.heads", "Attention heads of each layer; they divide its width."),
        ("model.transformer.feedForward", "Width of the hidden layer after each attention."),
        ("model.transformer.activation", "Of that hidden layer: " + Activation.choices + "."),
        ("model.transformer.positions", "Kind of positions: " + TransformerOptions.Positions.choices + "."),
        ("model.transformer.longest", "Positions that are learned; later ones share the last."),
        ("model.tied", "Embeddings that are one table: " + ModelOptions.Tying.choices + "."),

        ("training", "How the model is trained."),
        ("training.seed", "Of everything random."),
        ("training.epochs", "Passes over the training data."),
        ("training.batchFrames", "Most frames of one batch, padding included; of texts most tokens on either side."),
        ("training.batchUtterances", "Most utterances of one batch."),
        ("training.shards", "Parts that each batch is cut into; part of the result, unlike the number of threads."),
        (
            "training.precision",
            "Of factors of matrix products in training: " + Precision.choices + " (of processors that have it)."
        ),
        (
            "training.startFrom",
            "A model, or a run's folder, whose weights to start from (fine-tuning); random ones if empty."
        ),
        ("training.ctcWeight", "Share of the CTC loss; the rest is the attention decoder's. 0 for text."),
        ("training.labelSmoothing", "Share of each target that is spread over all characters."),
        ("training.scheduledSampling", "Probability of feeding the decoder its own prediction."),
        ("training.speeds", "Speeds at which utterances are played, one drawn each time; of no use to text."),
        ("training.masking", "SpecAugment: bands of bins and stretches of frames are set to their mean."),
        ("training.masking.frequencyMasks", "Bands of an utterance."),
        ("training.masking.frequencyWidth", "Widest band in mel bins."),
        ("training.masking.timeMasks", "Stretches of an utterance."),
        ("training.masking.timeWidth", "Widest stretch in frames."),
        ("training.masking.timeShare", "Widest stretch as a share of the utterance."),
        ("training.optimiser", "Adam and its learning rate."),
        (
            "training.optimiser.schedule",
            "Learning rate after the warm-up: " + OptimiserOptions.Schedule.choices + "."
        ),
        ("training.optimiser.rate", "Highest learning rate, reached after the warm-up."),
        ("training.optimiser.finalRate", "Learning rate that cosine and exponential schedules end at."),
        ("training.optimiser.warmupSteps", "Steps in which the learning rate rises from 0."),
        ("training.optimiser.beta1", "Decay of the gradient's running mean."),
        ("training.optimiser.beta2", "Decay of the running mean of its square."),
        ("training.optimiser.epsilon", "Added to the root of that mean, against division by 0."),
        ("training.optimiser.decay", "Decoupled weight decay of matrices, as a share of the learning rate."),
        ("training.optimiser.clipNorm", "Largest norm of the gradient; a larger one is scaled down to it."),
        ("training.evaluationSteps", "Optimiser steps between evaluations on dev; 0 for once an epoch."),
        ("training.evaluationUtterances", "Most dev utterances of an evaluation."),
        (
            "training.evaluationBeam",
            "Beam of evaluations: 1 is greedy, by the decoder alone; more is as the section search says."
        ),
        ("training.patience", "Evaluations without improvement after which to stop; 0 for never."),
        (
            "training.selectBy",
            "Figure of dev that says what is best: " + DevFigure.choices + " (bleu, chrf: of text)."
        ),
        ("training.averaged", "Best checkpoints whose average is the model, unless the best alone is better by 2 %."),
        ("training.checkpointMinutes", "Minutes between checkpoints for resuming."),

        ("search", "How texts are searched for; kept in the model as its default."),
        ("search.beam", "Hypotheses kept at each step; 1 is greedy search."),
        ("search.ctcWeight", "Share of the CTC prefix score; the rest is the attention decoder's. 0 for text."),
        ("search.languageWeight", "Factor of the language model's score, for models that hold one."),
        ("search.lengthBonus", "Added to the score for every token, against the preference for short texts."),
        (
            "search.lengthPenalty",
            "Exponent of ((5 + tokens) / 6), by which scores of whole texts are divided; 0 for no division."
        ),
        ("search.margin", "Nats below the best hypothesis at which one is given up; 0 for none."),
        ("search.tokensPerStep", "Most tokens for each encoder step."),
        ("search.extraTokens", "Tokens that a text may have beyond those."),
        ("search.maximumTokens", "Most tokens of any text; 0 for no such limit."),
        ("search.minimumTokens", "Tokens before which no text ends."),
        ("search.repetitions", "Most times that a stretch may stand in direct succession; 0 for no limit."),
    ]

    /// The lines of one vocabulary's fields.
    private static func vocabulary(at place: String) -> [(field: String, line: String)] {
        [
            ("kind", "What a token is: " + Vocabulary.Kind.choices + "."),
            ("size", "Most words or subwords, the four special tokens included; of no use to characters."),
            ("minimumCount", "Characters or words that occur less often are unknown."),
            ("model", "A .model file of SentencePiece for subwords; learned from the training texts if empty."),
            ("subwords", "How SentencePiece learns subwords."),
            ("subwords.algorithm", "Kind of model: " + SubwordOptions.Algorithm.choices + "."),
            ("subwords.rule", "Normalisation of its own: " + SubwordOptions.Rule.choices + "."),
            ("subwords.characterCoverage", "Share of the texts' characters that pieces are made of, 0 to 1."),
            (
                "subwords.byteFallback",
                "Whether other characters become bytes, which take 256 tokens; unknown otherwise."
            ),
            ("normalisation", "Steps for all texts, in order: " + TextNormalisation.Step.choices + "."),
        ].map { ("\(place).\($0.0)", $0.1) }
    }
}
