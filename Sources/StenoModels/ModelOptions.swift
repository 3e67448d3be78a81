/// The size and kind of a model: the section `model` of a recipe.
package struct ModelOptions: Codable, Hashable, Sendable {
    package enum Input: String, Codable, CaseIterable, Sendable { case audio, text }

    /// What the model reads.
    package var input = Input.audio
    package var encoder = EncoderOptions()
    package var decoder = DecoderOptions()

    package init() {}

    /// What of these options no model can be built from, or nil.
    package var complaint: String? {
        let positive = [
            ("encoder.units", encoder.units), ("encoder.input", encoder.input),
            ("encoder.channels", encoder.channels), ("decoder.units", decoder.units),
            ("decoder.embedding", decoder.embedding), ("decoder.attention", decoder.attention),
            ("decoder.readout", decoder.readout),
        ]
        if let (name, value) = positive.first(where: { $0.1 < 1 || $0.1 > 65_536 }) {
            return "model.\(name) must be from 1 to 65536, not \(value)"
        }
        if !(1...64).contains(encoder.layers) {
            return "model.encoder.layers must be from 1 to 64, not \(encoder.layers)"
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
    /// Units of each direction of each recurrent layer.
    package var units = 256
    /// Layer normalisation of the input projection and between layers.
    package var normalised = true
    /// Between layers, in training.
    package var dropout: Float = 0.2

    package init() {}
}

package struct DecoderOptions: Codable, Hashable, Sendable {
    /// The decoder begins with a map of the encoder's last states (Bahdanau et al. 2015), otherwise with zeros.
    package var bridge = false
    package var embedding = 128
    package var units = 320
    /// Width of the additive attention.
    package var attention = 256
    /// Filters over the sum of earlier attention weights (location features); 0 for none.
    package var locationFilters = 0
    /// Encoder steps that a location filter spans; odd.
    package var locationWidth = 31
    /// Width of the hidden layer between state and characters.
    package var readout = 320
    /// On the embedding and the readout, in training.
    package var dropout: Float = 0.2

    package init() {}
}
