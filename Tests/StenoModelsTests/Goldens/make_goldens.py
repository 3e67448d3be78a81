"""Writes models.json: whole models with inputs, logits, losses, every gradient, and the losses of ten steps of Adam, as
PyTorch computes them; and from_python.safetensors, a file of Python's safetensors.

    python make_goldens.py            (made with the versions that models.json names)

Everything is computed in float64. Weights and inputs are multiples of 1/128, so that single precision holds the same
numbers. Names and layouts are Steno's: linear weights [in, out]; recurrent weights [in, gates * units] with the gates
reset, update, new (GRU) or input, forget, cell, output (LSTM); attention's [in, (query, key, value)]; convolution
weights [(time, height, channel), out].

The loss of a batch is (1 - w) cross-entropy + w CTC, each summed over the utterances and divided by the number of
target tokens, ends included.
"""
import json
from pathlib import Path

import numpy
import safetensors
import safetensors.numpy
import torch
import torch.nn.functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

torch.set_default_dtype(torch.float64)
torch.manual_seed(9)
BLANK, START, END = 0, 1, 2
here = Path(__file__).parent


def numbers(*shape, scale=1.0):
    return (torch.randn(*shape) * scale * 128).round() / 128


def written(tensor):
    return {"shape": list(tensor.shape), "values": [float(f"{x:.9g}") for x in tensor.detach().flatten().tolist()]}


def valid(lengths, time):
    """[batch, time]: whether a step is within its sequence."""
    return torch.arange(time) < torch.tensor(lengths).unsqueeze(1)


class Model:
    """What every architecture has: weights by name, the front end, a CTC head on audio, tied embeddings."""

    def __init__(self, source, options, symbols):
        self.source, self.options, self.symbols = source, options, symbols
        self.encoder, self.decoder = options["encoder"], options["decoder"]
        self.tied = options.get("tied", "none")
        self.weights = {}
        self.width = self.encoder.get("input", self.encoder["units"])
        self.embedding = "embedding.table" if self.tied == "all" else "decoder.embedding.table"
        if self.tied == "all":
            self.add("embedding.table", symbols, self.width)
        if "bins" in source:
            height, channels = source["bins"], 1
            for stage in range({2: 1, 4: 2}[self.encoder["subsampling"]]):
                self.add(f"encoder.subsampling.{stage}.weight", 9 * channels, self.encoder["channels"])
                self.add(f"encoder.subsampling.{stage}.bias", self.encoder["channels"])
                height, channels = -(-height // 2), self.encoder["channels"]
            self.linear("encoder.input", height * channels, self.width)
        elif self.tied != "all":
            self.add("encoder.embedding.table", source["symbols"], self.width)
        depth = self.add_encoder()
        if "bins" in source:
            self.linear("ctc", depth, symbols)
        self.add_decoder(depth)

    def add(self, name, *shape, scale=0.5):
        self.weights[name] = numbers(*shape, scale=scale).requires_grad_()

    def linear(self, name, inputs, outputs, bias=True):
        self.add(f"{name}.weight", inputs, outputs)
        if bias:
            self.add(f"{name}.bias", outputs)

    def add_output(self, inputs):
        if self.tied == "none":
            self.linear("decoder.output", inputs, self.symbols)
        else:
            self.add("decoder.output.bias", self.symbols)

    def norm(self, name, width):
        self.add(f"{name}.gain", width)
        self.add(f"{name}.bias", width)

    def apply(self, name, x):
        bias = self.weights.get(f"{name}.bias")
        return F.linear(x, self.weights[f"{name}.weight"].T, bias)

    def normalised(self, name, x):
        return F.layer_norm(x, x.shape[-1:], self.weights[f"{name}.gain"], self.weights[f"{name}.bias"], 1e-5)

    def output(self, x):
        if self.tied == "none":
            return self.apply("decoder.output", x)
        return F.linear(x, self.weights[self.embedding], self.weights["decoder.output.bias"])

    def front_end(self, source, lengths):
        w = self.weights
        if "bins" not in self.source:
            table = "embedding.table" if self.tied == "all" else "encoder.embedding.table"
            return F.embedding(source, w[table]), lengths
        x = (source * valid(lengths, source.shape[1]).unsqueeze(2)).unsqueeze(1)
        for stage in range({2: 1, 4: 2}[self.encoder["subsampling"]]):
            filters = w[f"encoder.subsampling.{stage}.weight"]
            filters = filters.reshape(3, 3, -1, filters.shape[1]).permute(3, 2, 0, 1)
            lengths = [-(-length // 2) for length in lengths]
            x = F.relu(F.conv2d(x, filters, w[f"encoder.subsampling.{stage}.bias"], 2, 1))
            x = x * valid(lengths, x.shape[2])[:, None, :, None]
        return self.apply("encoder.input", x.permute(0, 2, 3, 1).flatten(2)), lengths


class RecurrentModel(Model):
    """GRU or LSTM layers; additive attention, at each step or after all, or none."""

    def add_layer(self, name, kind, inputs, units, directions):
        gates = {"gru": 3, "lstm": 4}[kind]
        for direction in directions:
            self.add(f"{name}.{direction}.input.weight", inputs, gates * units)
            self.add(f"{name}.{direction}.recurrent.weight", units, gates * units)
            self.add(f"{name}.{direction}.input.bias", gates * units)
            self.add(f"{name}.{direction}.recurrent.bias", gates * units)

    def layer(self, name, kind, x, lengths, units, directions, initial=None):
        module = {"gru": torch.nn.GRU, "lstm": torch.nn.LSTM}[kind](
            x.shape[2], units, batch_first=True, bidirectional=len(directions) == 2)
        named = {}
        for direction, suffix in zip(directions, ("", "_reverse")):
            named[f"weight_ih_l0{suffix}"] = self.weights[f"{name}.{direction}.input.weight"].T
            named[f"weight_hh_l0{suffix}"] = self.weights[f"{name}.{direction}.recurrent.weight"].T
            named[f"bias_ih_l0{suffix}"] = self.weights[f"{name}.{direction}.input.bias"]
            named[f"bias_hh_l0{suffix}"] = self.weights[f"{name}.{direction}.recurrent.bias"]
        packed = pack_padded_sequence(x, torch.tensor(lengths), batch_first=True, enforce_sorted=False)
        if initial is not None:
            first = [state.unsqueeze(0) for state in initial]
            initial = first[0] if kind == "gru" else tuple(first)
        outputs, last = torch.func.functional_call(module, named, (packed, initial))
        return pad_packed_sequence(outputs, batch_first=True)[0], last if kind == "gru" else last[0]

    def add_encoder(self):
        encoder, width = self.encoder, self.width
        if encoder["normalised"]:
            self.norm("encoder.input.norm", width)
        for layer in range(encoder["layers"]):
            self.add_layer(f"encoder.layers.{layer}", encoder.get("cell", "gru"), width, encoder["units"],
                           ("forward", "backward"))
            width = 2 * encoder["units"]
            if encoder["normalised"]:
                self.norm(f"encoder.layers.{layer}.norm", width)
        return width

    def encode(self, source, lengths):
        x, lengths = self.front_end(source, lengths)
        if self.encoder["normalised"]:
            x = self.normalised("encoder.input.norm", x)
        for layer in range(self.encoder["layers"]):
            below = x
            x, last = self.layer(f"encoder.layers.{layer}", self.encoder.get("cell", "gru"), x, lengths,
                                 self.encoder["units"], ("forward", "backward"))
            if self.encoder.get("residual") and below.shape == x.shape:
                x = x + below
            if self.encoder["normalised"]:
                x = self.normalised(f"encoder.layers.{layer}.norm", x)
        return x, lengths, torch.cat([last[0], last[1]], 1)

    def add_decoder(self, depth):
        decoder = self.decoder
        units, embedding = decoder["units"], decoder["embedding"]
        self.kind, self.layers = decoder.get("cell", "gru"), decoder.get("layers", 1)
        self.states = {"gru": 1, "lstm": 2}[self.kind]
        self.attends = self.options.get("architecture", "attention") == "attention"
        self.feeds = self.attends and decoder.get("inputFeeding", True)
        if decoder.get("bridge") or not self.attends:
            for index in range(self.layers * self.states):
                self.linear("decoder.bridge" + (f".{index}" if index else ""), depth, units)
        if self.tied != "all":
            self.add("decoder.embedding.table", self.symbols, embedding)
        if self.attends:
            width = decoder["attention"]
            self.linear("decoder.attention.key", depth, width, bias=False)
            self.linear("decoder.attention.query", units, width)
            self.add("decoder.attention.energy", width)
        if self.feeds:
            gates = {"gru": 3, "lstm": 4}[self.kind]
            self.linear("decoder.cell.input", embedding, gates * units)
            self.add("decoder.cell.context.weight", depth, gates * units)
            self.add("decoder.cell.recurrent.weight", units, gates * units)
            self.add("decoder.cell.recurrent.bias", gates * units)
        for layer in range(1 if self.feeds else 0, self.layers):
            inputs = embedding if layer == 0 else units + (depth if self.feeds else 0)
            self.add_layer(f"decoder.layers.{layer}", self.kind, inputs, units, ("forward",))
        self.linear("decoder.readout", units + (depth if self.attends else 0), decoder["readout"])
        self.add_output(decoder["readout"])

    def attend(self, state, keys, states, lengths):
        energies = torch.tanh(keys + self.apply("decoder.attention.query", state).unsqueeze(1))
        energies = energies @ self.weights["decoder.attention.energy"]
        attention = torch.softmax(energies.masked_fill(~valid(lengths, states.shape[1]), -torch.inf), 1)
        return (attention.unsqueeze(1) @ states).squeeze(1)

    def feed(self, embedded, first, keys, states, lengths):
        """The first layer's states and contexts."""
        w, cell = self.weights, {"gru": torch.gru_cell, "lstm": torch.lstm_cell}[self.kind]
        gates = self.apply("decoder.cell.input", embedded)
        combined = torch.cat([torch.eye(gates.shape[2]), w["decoder.cell.context.weight"].T], 1)
        outputs, contexts = [], []
        for step in range(embedded.shape[1]):
            context = self.attend(first[0], keys, states, lengths)
            before = first[0] if self.kind == "gru" else tuple(first)
            after = cell(torch.cat([gates[:, step], context], 1), before, combined,
                         w["decoder.cell.recurrent.weight"].T, torch.zeros(gates.shape[2]),
                         w["decoder.cell.recurrent.bias"])
            first = [after] if self.kind == "gru" else list(after)
            outputs.append(first[0])
            contexts.append(context)
        return torch.stack(outputs, 1), torch.stack(contexts, 1)

    def decode(self, states, lengths, last, inputs, output_lengths):
        units = self.decoder["units"]
        keys = self.apply("decoder.attention.key", states) if self.attends else None
        initial = [torch.zeros(len(lengths), units) for _ in range(self.layers * self.states)]
        if self.decoder.get("bridge") or not self.attends:
            initial = [torch.tanh(self.apply("decoder.bridge" + (f".{index}" if index else ""), last))
                       for index in range(len(initial))]
        x, contexts = F.embedding(inputs, self.weights[self.embedding]), None
        if self.feeds:
            x, contexts = self.feed(x, initial[:self.states], keys, states, lengths)
        for layer in range(1 if self.feeds else 0, self.layers):
            first = initial[layer * self.states:(layer + 1) * self.states]
            below = x if contexts is None else torch.cat([x, contexts], 2)
            above = self.layer(f"decoder.layers.{layer}", self.kind, below, output_lengths, units, ("forward",),
                               first)[0]
            x = x + above if self.decoder.get("residual") and layer > 0 else above
        if self.attends and not self.feeds:
            contexts = torch.stack([self.attend(x[:, step], keys, states, lengths) for step in range(x.shape[1])], 1)
        x = x if contexts is None else torch.cat([x, contexts], 2)
        return self.output(torch.tanh(self.apply("decoder.readout", x)))


class TransformerModel(Model):
    """PyTorch's own layers, with the norms first."""

    def add_attention(self, name, width, memory=None):
        self.norm(f"{name}.norm", width)
        if memory is None:
            self.linear(f"{name}.input", width, 3 * width)
        else:
            self.linear(f"{name}.query", width, width)
            self.linear(f"{name}.memory", memory, 2 * width)
        self.linear(f"{name}.output", width, width)

    def add_feed_forward(self, name, width):
        self.norm(f"{name}.norm", width)
        self.linear(f"{name}.hidden", width, self.options["transformer"]["feedForward"])
        self.linear(f"{name}.output", self.options["transformer"]["feedForward"], width)

    def add_positions(self, name, width):
        if self.options["transformer"].get("positions", "sinusoidal") == "learned":
            self.add(f"{name}.table", self.options["transformer"]["longest"], width)

    def add_encoder(self):
        width = self.encoder["units"]
        self.add_positions("encoder.positions", width)
        for layer in range(self.encoder["layers"]):
            self.add_attention(f"encoder.layers.{layer}.attention", width)
            self.add_feed_forward(f"encoder.layers.{layer}.feedForward", width)
        self.norm("encoder.norm", width)
        return width

    def add_decoder(self, depth):
        width = self.decoder["units"]
        if self.tied != "all":
            self.add("decoder.embedding.table", self.symbols, width)
        self.add_positions("decoder.positions", width)
        for layer in range(self.decoder["layers"]):
            self.add_attention(f"decoder.layers.{layer}.attention", width)
            self.add_attention(f"decoder.layers.{layer}.cross", width, memory=depth)
            self.add_feed_forward(f"decoder.layers.{layer}.feedForward", width)
        self.norm("decoder.norm", width)
        self.add_output(width)

    def placed(self, name, x):
        steps, width = x.shape[1], x.shape[2]
        if f"{name}.table" in self.weights:
            table = self.weights[f"{name}.table"]
            return x + table[torch.arange(steps).clamp(max=table.shape[0] - 1)]
        angles = torch.arange(steps).unsqueeze(1) / 10000 ** (torch.arange(0, width, 2) / width)
        return x * width ** 0.5 + torch.stack([angles.sin(), angles.cos()], 2).flatten(1)

    def named(self, name, cross):
        """The weights of one layer under PyTorch's names."""
        w = self.weights
        result = {"linear1": f"{name}.feedForward.hidden", "linear2": f"{name}.feedForward.output",
                  "self_attn.out_proj": f"{name}.attention.output"}
        result = {f"{key}.{part}": w[f"{value}.{part}"].t() for key, value in result.items()
                  for part in ("weight", "bias")}
        result["self_attn.in_proj_weight"] = w[f"{name}.attention.input.weight"].T
        result["self_attn.in_proj_bias"] = w[f"{name}.attention.input.bias"]
        norms = ["attention", "cross", "feedForward"] if cross else ["attention", "feedForward"]
        for index, norm in enumerate(norms):
            result[f"norm{index + 1}.weight"] = w[f"{name}.{norm}.norm.gain"]
            result[f"norm{index + 1}.bias"] = w[f"{name}.{norm}.norm.bias"]
        if cross:
            for part in ("weight", "bias"):
                result[f"multihead_attn.in_proj_{part}"] = torch.cat(
                    [w[f"{name}.cross.query.{part}"].t(), w[f"{name}.cross.memory.{part}"].t()])
                result[f"multihead_attn.out_proj.{part}"] = w[f"{name}.cross.output.{part}"].t()
        return result

    def module(self, kind, width):
        options = self.options["transformer"]
        return kind(width, options["heads"], options["feedForward"], 0.0, options.get("activation", "relu"),
                    batch_first=True, norm_first=True)

    def encode(self, source, lengths):
        x, lengths = self.front_end(source, lengths)
        x = self.placed("encoder.positions", x)
        padding = ~valid(lengths, x.shape[1])
        for layer in range(self.encoder["layers"]):
            x = torch.func.functional_call(
                self.module(torch.nn.TransformerEncoderLayer, x.shape[2]),
                self.named(f"encoder.layers.{layer}", False), (x,), {"src_key_padding_mask": padding})
        return self.normalised("encoder.norm", x), lengths, None

    def decode(self, states, lengths, last, inputs, output_lengths):
        x = self.placed("decoder.positions", F.embedding(inputs, self.weights[self.embedding]))
        causal = torch.nn.Transformer.generate_square_subsequent_mask(x.shape[1])
        for layer in range(self.decoder["layers"]):
            x = torch.func.functional_call(
                self.module(torch.nn.TransformerDecoderLayer, x.shape[2]),
                self.named(f"decoder.layers.{layer}", True), (x, states),
                {"tgt_mask": causal, "memory_key_padding_mask": ~valid(lengths, states.shape[1])})
        return self.output(self.normalised("decoder.norm", x))


def padded(rows):
    longest = max(len(row) for row in rows)
    return torch.tensor([row + [0] * (longest - len(row)) for row in rows])


def case(name, source, options, symbols, lengths, texts, ctc_weight, smoothing):
    kind = TransformerModel if options.get("architecture") == "transformer" else RecurrentModel
    model = kind(source, options, symbols)
    if "bins" in source:
        values = numbers(len(lengths), max(lengths), source["bins"])
        given = {"frames": written(values)}
    else:
        rows = [torch.randint(3, source["symbols"], (length,)).tolist() for length in lengths]
        values = padded(rows)
        given = {"tokens": rows}
    inputs, target_rows = padded([[START] + text for text in texts]), [text + [END] for text in texts]
    tokens = sum(len(row) for row in target_rows)
    ignored = torch.where(valid([len(row) for row in target_rows], inputs.shape[1]), padded(target_rows), -100)

    def run():
        states, steps, last = model.encode(values, lengths)
        logits = model.decode(states, steps, last, inputs, [len(row) for row in target_rows])
        attention_loss = F.cross_entropy(logits.flatten(0, 1), ignored.flatten(), label_smoothing=smoothing,
                                         reduction="sum")
        loss, ctc = (1 - ctc_weight) * attention_loss / tokens, {"ctcLoss": 0}
        if ctc_weight > 0:
            ctc_logits = model.apply("ctc", states)
            ctc_loss = F.ctc_loss(ctc_logits.log_softmax(2).transpose(0, 1), padded(texts), torch.tensor(steps),
                                  torch.tensor([len(text) for text in texts]), blank=BLANK, reduction="none").sum()
            loss = loss + ctc_weight * ctc_loss / tokens
            ctc = {"ctcLogits": written(ctc_logits), "ctcLoss": ctc_loss.item()}
        best = logits[..., END:].argmax(2) + END
        return loss, {"steps": steps, "states": written(states), "logits": written(logits), **ctc,
                      "attentionLoss": attention_loss.item(), "loss": loss.item(),
                      "correct": int((best == ignored).sum())}

    loss, results = run()
    loss.backward()
    results["weights"] = {key: written(value) for key, value in model.weights.items()}
    results["gradients"] = {key: written(value.grad if value.grad is not None else torch.zeros_like(value))
                            for key, value in model.weights.items()}
    adam = torch.optim.Adam(model.weights.values(), lr=0.01, betas=(0.9, 0.98), eps=1e-8)
    losses = []
    for _ in range(10):
        adam.step()
        adam.zero_grad()
        loss, _ = run()
        loss.backward()
        losses.append(loss.item())
    return {"name": name, "source": source, "options": json.dumps(options), "symbols": symbols, "lengths": lengths,
            "texts": texts, "ctcWeight": ctc_weight, "labelSmoothing": smoothing, **given, **results,
            "lossesUnderAdam": losses}


decoder = {"embedding": 3, "units": 4, "attention": 5, "readout": 6}
text = {"layers": 2, "units": 3, "input": 5, "normalised": True}
texts = [[3, 4, 5, 6], [6], [4, 4]]
transformer = {"heads": 2, "feedForward": 7}
cases = [
    case("audio, subsampling 4", {"bins": 7},
         {"encoder": {"subsampling": 4, "channels": 3, "input": 5, "layers": 2, "units": 4, "normalised": True},
          "decoder": decoder}, 7, [13, 21, 5], [[3, 4], [5, 5, 6], [4]], 0.3, 0.1),
    case("audio, subsampling 2, not normalised", {"bins": 6},
         {"encoder": {"subsampling": 2, "channels": 2, "input": 4, "layers": 1, "units": 3, "normalised": False},
          "decoder": decoder}, 6, [9, 4, 12, 7], [[3, 4, 5], [5], [3, 3, 4, 5], []], 0.5, 0.0),
    case("text", {"symbols": 8}, {"input": "text", "encoder": text, "decoder": decoder}, 7, [4, 6, 1], texts, 0, 0.1),
    case("text with a bridge", {"symbols": 6},
         {"input": "text", "encoder": {"input": 3, "layers": 2, "units": 4, "normalised": False},
          "decoder": {**decoder, "bridge": True}}, 6, [2, 5], [[3, 5], [4, 4, 5]], 0, 0),
    case("LSTM with residuals and tied embeddings", {"symbols": 7},
         {"input": "text", "tied": "all", "encoder": {**text, "input": 6, "cell": "lstm", "residual": True},
          "decoder": {**decoder, "embedding": 6, "cell": "lstm", "layers": 3, "residual": True, "bridge": True}},
         7, [4, 6, 1], texts, 0, 0.1),
    case("attention after two layers", {"symbols": 8},
         {"input": "text", "encoder": text, "decoder": {**decoder, "layers": 2, "inputFeeding": False}},
         7, [4, 6, 1], texts, 0, 0.1),
    case("recurrent", {"symbols": 8},
         {"input": "text", "architecture": "recurrent", "encoder": text,
          "decoder": {**decoder, "layers": 2, "cell": "lstm"}}, 7, [4, 6, 1], texts, 0, 0.1),
    case("recurrent, audio", {"bins": 6},
         {"architecture": "recurrent",
          "encoder": {"subsampling": 2, "channels": 2, "input": 4, "layers": 1, "units": 3, "normalised": True},
          "decoder": decoder}, 6, [9, 4, 12], [[3, 4, 5], [5], [3, 3, 4, 5]], 0.5, 0.1),
    case("Transformer", {"symbols": 8},
         {"input": "text", "architecture": "transformer", "encoder": {"layers": 2, "units": 6},
          "decoder": {"layers": 2, "units": 6}, "transformer": transformer}, 7, [4, 6, 1], texts, 0, 0.1),
    case("Transformer, learned positions, one table", {"symbols": 7},
         {"input": "text", "architecture": "transformer", "tied": "all", "encoder": {"layers": 1, "units": 6},
          "decoder": {"layers": 2, "units": 6},
          "transformer": {**transformer, "positions": "learned", "longest": 4, "activation": "gelu"}},
         7, [4, 6, 1], texts, 0, 0),
    case("Transformer, audio", {"bins": 6},
         {"architecture": "transformer", "tied": "output",
          "encoder": {"subsampling": 2, "channels": 2, "layers": 1, "units": 4},
          "decoder": {"layers": 1, "units": 4}, "transformer": transformer},
         6, [9, 4, 12], [[3, 4, 5], [5], [3, 3, 4, 5]], 0.3, 0.1),
]
versions = f"PyTorch {torch.__version__.split('+')[0]}, float64; safetensors {safetensors.__version__}"
(here / "models.json").write_text(json.dumps({"source": versions, "cases": cases}) + "\n")

# Numbers that both types hold exactly, a scalar, an empty tensor, and a name that needs escapes.
halves = numpy.array([[0.0, -0.0, 1.0, -2.5], [65504.0, 2.0**-24, 2.0**-14, 0.333251953125]])
safetensors.numpy.save_file(
    {
        "single": numpy.array([[1.5, -2.25, 3.0e38], [1.0e-40, 0.1, -0.0]], numpy.float32),
        "half": halves.astype(numpy.float16),
        "scalar": numpy.array(7.0, numpy.float32),
        "empty": numpy.zeros((0, 3), numpy.float32),
        "größe \"a\\b\"": numpy.array([4.0, 5.0], numpy.float32),
    },
    str(here / "from_python.safetensors"), metadata={"key": "value", "größe": "äöü \"quoted\" \n"})
