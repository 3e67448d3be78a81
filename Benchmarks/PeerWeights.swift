import StenoModels
import StenoTensor

/// Weights of the reference speech model as PyTorch names and lays them out: linear weights `[out, in]`, convolutions
/// `[out, in, time, bin]`, an encoder that is one `nn.GRU`, a decoder cell over embedding and context joined.
enum PeerWeights {
    static func read(_ path: String, into weights: Weights) throws {
        let file = try SafeTensors(path: path)
        func tensor(_ name: String, _ shape: Shape) throws -> Tensor {
            let tensor = Tensor(zeros: shape)
            try file.read(name, into: tensor)
            return tensor
        }
        /// Columns `from ..< from + width` of `[out, in]`, transposed.
        func transposed(_ name: String, _ shape: Shape, from: Int = 0, width: Int? = nil) throws -> [Float] {
            let source = try tensor(name, shape)
            let (rows, columns) = (shape[0], shape[1])
            return (from..<from + (width ?? columns)).flatMap { column in
                (0..<rows).map { source.pointer[$0 * columns + column] }
            }
        }
        var values: [String: [Float]] = [:]
        for stage in 0..<2 {
            let (name, inputs) = ("encoder.conv\(stage + 1)", stage == 0 ? 1 : 32)
            let filters = try tensor("\(name).weight", [32, inputs, 3, 3])
            values["encoder.subsampling.\(stage).weight"] = (0..<9 * inputs).flatMap { place in
                (0..<32).map { filters.pointer[$0 * 9 * inputs + place % inputs * 9 + place / inputs] }
            }
            values["encoder.subsampling.\(stage).bias"] = try tensor("\(name).bias", [32]).values
        }
        // PyTorch flattens [channel, bin], here it is [bin, channel].
        let input = try tensor("encoder.input.weight", [640, 640])
        values["encoder.input.weight"] = (0..<640).flatMap { place in
            (0..<640).map { input.pointer[$0 * 640 + place % 32 * 20 + place / 32] }
        }
        values["encoder.input.bias"] = try tensor("encoder.input.bias", [640]).values
        for layer in 0..<3 {
            for (direction, suffix) in [("forward", ""), ("backward", "_reverse")] {
                let name = "encoder.layers.\(layer).\(direction)"
                let theirs = "l\(layer)\(suffix)"
                values["\(name).input.weight"] = try transposed("encoder.gru.weight_ih_\(theirs)", [960, 640])
                values["\(name).recurrent.weight"] = try transposed("encoder.gru.weight_hh_\(theirs)", [960, 320])
                values["\(name).input.bias"] = try tensor("encoder.gru.bias_ih_\(theirs)", [960]).values
                values["\(name).recurrent.bias"] = try tensor("encoder.gru.bias_hh_\(theirs)", [960]).values
            }
        }
        let cell = "decoder.cell.weight_ih"
        values["decoder.embedding.table"] = try tensor("decoder.embedding.weight", [30, 256]).values
        values["decoder.cell.input.weight"] = try transposed(cell, [1536, 896], width: 256)
        values["decoder.cell.context.weight"] = try transposed(cell, [1536, 896], from: 256, width: 640)
        values["decoder.cell.input.bias"] = try tensor("decoder.cell.bias_ih", [1536]).values
        values["decoder.cell.recurrent.weight"] = try transposed("decoder.cell.weight_hh", [1536, 512])
        values["decoder.cell.recurrent.bias"] = try tensor("decoder.cell.bias_hh", [1536]).values
        values["decoder.attention.key.weight"] = try transposed("decoder.key.weight", [320, 640])
        values["decoder.attention.query.weight"] = try transposed("decoder.query.weight", [320, 512])
        values["decoder.attention.query.bias"] = try tensor("decoder.query.bias", [320]).values
        values["decoder.attention.energy"] = try tensor("decoder.energy.weight", [1, 320]).values
        values["decoder.readout.weight"] = try transposed("decoder.readout.weight", [512, 1152])
        values["decoder.readout.bias"] = try tensor("decoder.readout.bias", [512]).values
        for (name, width) in [("decoder.output", 512), ("ctc", 640)] {
            values["\(name).weight"] = try transposed("\(name).weight", [30, width])
            values["\(name).bias"] = try tensor("\(name).bias", [30]).values
        }
        for (entry, tensor) in zip(weights.layout.entries, weights.tensors) {
            guard let found = values[entry.name], found.count == tensor.count else {
                preconditionFailure("no weights for \(entry.name)")
            }
            tensor.copyValues(from: Tensor(found, shape: tensor.shape))
        }
    }
}
