import StenoTensor

/// The kinds of model; each serves audio and text.
package enum Architecture: String, Codable, CaseIterable, Sendable {
    /// The decoder knows the encoder's last states alone (Sutskever, Vinyals, Le 2014).
    case recurrent
    /// The decoder attends to all of the encoder's states (Bahdanau, Cho, Bengio 2015).
    case attention
    /// Self-attention in place of recurrence (Vaswani et al. 2017).
    case transformer
}

/// The size and kind of a model: the section `model` of a recipe.
package struct ModelOptions: Codable, Hashable, Sendable {
    package enum Input: String, Codable, CaseIterable, Sendable { case audio, text }

    /// Embeddings that are one and the same table.
    package enum Tying: String, Codable, CaseIterable, Sendable {
        case none
        /// The decoder's embedding is its output layer's weight too.
        case output
        /// The encoder's embedding as well, of text with one vocabulary for both sides.
        case all
    }

    package var architecture = Architecture.attention
    /// What the model reads.
    package var input = Input.audio
    package var encoder = EncoderOptions()
    package var decoder = DecoderOptions()
    /// Of no use to other architectures.
    package var transformer = TransformerOptions()
    package var tied = Tying.none

    package init() {}

    /// The options without dropout: models of equal structure can take each other's weights.
    package var structure: ModelOptions {
        var copy = self
        (copy.encoder.dropout, copy.decoder.dropout) = (0, 0)
        return copy
    }

    /// What of these options no model can be built from, or nil.
    package var complaint: String? { rangeComplaint ?? tyingComplaint ?? transformerComplaint }

    private var rangeComplaint: String? {
        let sizes = [
            ("encoder.units", encoder.units), ("encoder.input", encoder.input),
            ("encoder.channels", encoder.channels), ("decoder.units", decoder.units),
            ("decoder.embedding", decoder.embedding), ("decoder.attention", decoder.attention),
            ("decoder.readout", decoder.readout), ("transformer.heads", transformer.heads),
            ("transformer.feedForward", transformer.feedForward), ("transformer.longest", transformer.longest),
        ]
        if let (name, value) = sizes.first(where: { $0.1 < 1 || $0.1 > 65_536 }) {
            return "model.\(name) must be from 1 to 65536, not \(value)"
        }
        for (name, layers) in [("encoder", encoder.layers), ("decoder", decoder.layers)] where !(1...64 ~= layers) {
            return "model.\(name).layers must be from 1 to 64, not \(layers)"
        }
        if encoder.subsampling != 2 && encoder.subsampling != 4 {
            return "model.encoder.subsampling must be 2 or 4, not \(encoder.subsampling)"
        }
        if !(0...1024 ~= decoder.locationFilters) {
            return "model.decoder.locationFilters must be from 0 to 1024, not \(decoder.locationFilters)"
        }
        if !(1...1023 ~= decoder.locationWidth) || decoder.locationWidth % 2 == 0 {
            return "model.decoder.locationWidth must be odd and from 1 to 1023, not \(decoder.locationWidth)"
        }
        for (name, rate) in [("encoder", encoder.dropout), ("decoder", decoder.dropout)] where !(0..<1 ~= rate) {
            return "model.\(name).dropout must be at least 0 and less than 1, not \(rate)"
        }
        if architecture == .attention && !decoder.inputFeeding && decoder.locationFilters > 0 {
            return "model.decoder.locationFilters needs model.decoder.inputFeeding"
        }
        return nil
    }

    private var tyingComplaint: String? {
        if tied == .none { return nil }
        if tied == .all && input == .audio { return "model.tied may be all only for text, which has two embeddings" }
        if architecture == .transformer {
            return tied == .all && encoder.units != decoder.units
                ? "model.tied: all needs model.encoder.units equal to model.decoder.units" : nil
        }
        if decoder.readout != decoder.embedding {
            return "model.tied needs model.decoder.readout equal to model.decoder.embedding (or be none)"
        }
        return tied == .all && encoder.input != decoder.embedding
            ? "model.tied: all needs model.encoder.input equal to model.decoder.embedding (or be none)" : nil
    }

    private var transformerComplaint: String? {
        guard architecture == .transformer else { return nil }
        for (name, units) in [("encoder", encoder.units), ("decoder", decoder.units)]
        where units % transformer.heads != 0 || units % 2 != 0 {
            return "model.\(name).units must be even and a multiple of model.transformer.heads, not \(units)"
        }
        return nil
    }
}

package struct EncoderOptions: Codable, Hashable, Sendable {
    /// Feature frames of one encoder step: 2 or 4. Of no use to text.
    package var subsampling = 4
    /// Channels of the subsampling convolutions. Of no use to text.
    package var channels = 32
    /// Width of what the first recurrent layer reads: projected frames or embedded tokens.
    package var input = 512
    package var layers = 4
    /// Units of each direction of each recurrent layer, or the width of a Transformer.
    package var units = 256
    package var cell = RecurrentKind.gru
    /// Recurrent layers add what they read to what they write, where the widths agree.
    package var residual = false
    /// Layer normalisation of the input projection and between layers.
    package var normalised = true
    /// In training, on what each layer reads and on the states; in a Transformer on the embedding, branches and hidden
    /// layers.
    package var dropout: Float = 0.2

    package init() {}
}

package struct DecoderOptions: Codable, Hashable, Sendable {
    /// The decoder begins with a map of the encoder's last states (Bahdanau et al. 2015), otherwise with zeros. The
    /// recurrent architecture always has it.
    package var bridge = false
    /// Width of the embedded tokens of recurrent layers.
    package var embedding = 128
    package var layers = 1
    /// Units of each recurrent layer, or the width of a Transformer.
    package var units = 320
    package var cell = RecurrentKind.gru
    /// The first layer reads what it attended to; otherwise the readout alone does.
    package var inputFeeding = true
    /// Recurrent layers above the first add what they read of the layer below to what they write.
    package var residual = false
    /// Width of the additive attention.
    package var attention = 256
    /// Filters over the sum of earlier attention weights (location features); 0 for none.
    package var locationFilters = 0
    /// Encoder steps that a location filter spans; odd.
    package var locationWidth = 31
    /// Width of the hidden layer between state and output.
    package var readout = 320
    /// In training, on the embedding, between layers and on the readout; in a Transformer as in the encoder.
    package var dropout: Float = 0.2

    package init() {}
}

package struct TransformerOptions: Codable, Hashable, Sendable {
    package enum Positions: String, Codable, CaseIterable, Sendable {
        /// Sines and cosines of geometric wave lengths, for any length.
        case sinusoidal
        /// A learned vector for each of the first `longest` positions; later ones share the last.
        case learned
    }

    /// Attention heads of each layer.
    package var heads = 4
    /// Width of the hidden layer between two attentions.
    package var feedForward = 1024
    package var activation = Activation.relu
    package var positions = Positions.sinusoidal
    /// Positions that are learned.
    package var longest = 512

    package init() {}
}
