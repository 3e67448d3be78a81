"""Writes models.json: whole models with inputs, logits, losses and every gradient, as PyTorch computes them; and
from_python.safetensors, a file of Python's safetensors.

    python make_goldens.py            (made with the versions that models.json names)

Everything is computed in float64. Weights and inputs are multiples of 1/128, so that single precision holds the same
numbers. Names and layouts are Steno's: linear weights [in, out]; recurrent weights [in, 3 * units] with the gates
reset, update, new; convolution weights [(time, height, channel), out].

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
    def __init__(self, source, encoder, decoder, symbols):
        self.source, self.encoder, self.decoder, self.symbols = source, encoder, decoder, symbols
        self.weights = {}
        height, channels = source.get("bins", 0), 1
        if "bins" in source:
            for stage in range({2: 1, 4: 2}[encoder["subsampling"]]):
                self.add(f"encoder.subsampling.{stage}.weight", 9 * channels, encoder["channels"])
                self.add(f"encoder.subsampling.{stage}.bias", encoder["channels"])
                height, channels = -(-height // 2), encoder["channels"]
            self.linear("encoder.input", height * channels, encoder["input"])
        else:
            self.add("encoder.embedding.table", source["symbols"], encoder["input"])
        if encoder["normalised"]:
            self.norm("encoder.input.norm", encoder["input"])
        width = encoder["input"]
        for layer in range(encoder["layers"]):
            for direction in ("forward", "backward"):
                name, units = f"encoder.layers.{layer}.{direction}", encoder["units"]
                self.add(f"{name}.input.weight", width, 3 * units)
                self.add(f"{name}.recurrent.weight", units, 3 * units)
                self.add(f"{name}.input.bias", 3 * units)
                self.add(f"{name}.recurrent.bias", 3 * units)
            width = 2 * encoder["units"]
            if encoder["normalised"]:
                self.norm(f"encoder.layers.{layer}.norm", width)
        if "bins" in source:
            self.linear("ctc", width, symbols)
        units, attention = decoder["units"], decoder["attention"]
        if decoder.get("bridge"):
            self.linear("decoder.bridge", width, units)
        self.add("decoder.embedding.table", symbols, decoder["embedding"])
        self.linear("decoder.cell.input", decoder["embedding"], 3 * units)
        self.add("decoder.attention.key.weight", width, attention)
        self.add("decoder.attention.query.weight", units, attention)
        self.add("decoder.attention.query.bias", attention)
        self.add("decoder.attention.energy", attention)
        self.add("decoder.cell.context.weight", width, 3 * units)
        self.add("decoder.cell.recurrent.weight", units, 3 * units)
        self.add("decoder.cell.recurrent.bias", 3 * units)
        self.linear("decoder.readout", units + width, decoder["readout"])
        self.linear("decoder.output", decoder["readout"], symbols)

    def add(self, name, *shape):
        self.weights[name] = numbers(*shape, scale=0.5).requires_grad_()

    def linear(self, name, inputs, outputs):
        self.add(f"{name}.weight", inputs, outputs)
        self.add(f"{name}.bias", outputs)

    def norm(self, name, width):
        self.add(f"{name}.gain", width)
        self.add(f"{name}.bias", width)

    def apply(self, name, x):
        return F.linear(x, self.weights[f"{name}.weight"].T, self.weights[f"{name}.bias"])

    def normalised(self, name, x):
        return F.layer_norm(x, x.shape[-1:], self.weights[f"{name}.gain"], self.weights[f"{name}.bias"], 1e-5)

    def encode(self, source, lengths):
        w = self.weights
        if "bins" in self.source:
            x = (source * valid(lengths, source.shape[1]).unsqueeze(2)).unsqueeze(1)
            for stage in range({2: 1, 4: 2}[self.encoder["subsampling"]]):
                filters = w[f"encoder.subsampling.{stage}.weight"]
                filters = filters.reshape(3, 3, -1, filters.shape[1]).permute(3, 2, 0, 1)
                lengths = [-(-length // 2) for length in lengths]
                x = F.relu(F.conv2d(x, filters, w[f"encoder.subsampling.{stage}.bias"], 2, 1))
                x = x * valid(lengths, x.shape[2])[:, None, :, None]
            x = self.apply("encoder.input", x.permute(0, 2, 3, 1).flatten(2))
        else:
            x = F.embedding(source, w["encoder.embedding.table"])
        if self.encoder["normalised"]:
            x = self.normalised("encoder.input.norm", x)
        for layer in range(self.encoder["layers"]):
            gru = torch.nn.GRU(x.shape[2], self.encoder["units"], batch_first=True, bidirectional=True)
            named = {}
            for direction, suffix in (("forward", ""), ("backward", "_reverse")):
                name = f"encoder.layers.{layer}.{direction}"
                named[f"weight_ih_l0{suffix}"] = w[f"{name}.input.weight"].T
                named[f"weight_hh_l0{suffix}"] = w[f"{name}.recurrent.weight"].T
                named[f"bias_ih_l0{suffix}"] = w[f"{name}.input.bias"]
                named[f"bias_hh_l0{suffix}"] = w[f"{name}.recurrent.bias"]
            packed = pack_padded_sequence(x, torch.tensor(lengths), batch_first=True, enforce_sorted=False)
            x, last = torch.func.functional_call(gru, named, (packed,))
            x = pad_packed_sequence(x, batch_first=True)[0]
            if self.encoder["normalised"]:
                x = self.normalised(f"encoder.layers.{layer}.norm", x)
        return x, lengths, torch.cat([last[0], last[1]], 1)

    def decode(self, states, lengths, last, inputs):
        w, units = self.weights, self.decoder["units"]
        keys = states @ w["decoder.attention.key.weight"]
        gates = self.apply("decoder.cell.input", F.embedding(inputs, w["decoder.embedding.table"]))
        combined = torch.cat([torch.eye(3 * units), w["decoder.cell.context.weight"].T], 1)
        state, outputs = torch.zeros(len(lengths), units), []
        if self.decoder.get("bridge"):
            state = torch.tanh(self.apply("decoder.bridge", last))
        for step in range(inputs.shape[1]):
            query = state @ w["decoder.attention.query.weight"] + w["decoder.attention.query.bias"]
            energies = torch.tanh(keys + query.unsqueeze(1)) @ w["decoder.attention.energy"]
            attention = torch.softmax(energies.masked_fill(~valid(lengths, states.shape[1]), -torch.inf), 1)
            context = (attention.unsqueeze(1) @ states).squeeze(1)
            state = torch.gru_cell(torch.cat([gates[:, step], context], 1), state, combined,
                                   w["decoder.cell.recurrent.weight"].T, torch.zeros(3 * units),
                                   w["decoder.cell.recurrent.bias"])
            outputs.append(torch.cat([state, context], 1))
        return self.apply("decoder.output", torch.tanh(self.apply("decoder.readout", torch.stack(outputs, 1))))


def padded(rows):
    longest = max(len(row) for row in rows)
    return torch.tensor([row + [0] * (longest - len(row)) for row in rows])


def case(name, source, encoder, decoder, symbols, lengths, texts, ctc_weight, smoothing):
    model = Model(source, encoder, decoder, symbols)
    if "bins" in source:
        values = numbers(len(lengths), max(lengths), source["bins"])
        given = {"frames": written(values)}
    else:
        rows = [torch.randint(3, source["symbols"], (length,)).tolist() for length in lengths]
        values = padded(rows)
        given = {"tokens": rows}
    states, steps, last = model.encode(values, lengths)
    logits = model.decode(states, steps, last, padded([[START] + text for text in texts]))
    target_rows = [text + [END] for text in texts]
    tokens = sum(len(row) for row in target_rows)
    ignored = torch.where(valid([len(row) for row in target_rows], logits.shape[1]), padded(target_rows), -100)
    attention_loss = F.cross_entropy(logits.flatten(0, 1), ignored.flatten(), label_smoothing=smoothing,
                                     reduction="sum")
    loss, ctc = (1 - ctc_weight) * attention_loss / tokens, {"ctcLoss": 0}
    if ctc_weight > 0:
        ctc_logits = model.apply("ctc", states)
        ctc_loss = F.ctc_loss(ctc_logits.log_softmax(2).transpose(0, 1), padded(texts), torch.tensor(steps),
                              torch.tensor([len(text) for text in texts]), blank=BLANK, reduction="none").sum()
        loss = loss + ctc_weight * ctc_loss / tokens
        ctc = {"ctcLogits": written(ctc_logits), "ctcLoss": ctc_loss.item()}
    loss.backward()
    best = logits[..., END:].argmax(2) + END
    return {
        "name": name, "source": source, "encoder": encoder, "decoder": decoder, "symbols": symbols,
        "lengths": lengths, "texts": texts, "ctcWeight": ctc_weight, "labelSmoothing": smoothing, **given,
        "weights": {key: written(value) for key, value in model.weights.items()},
        "steps": steps, "states": written(states), "logits": written(logits), **ctc,
        "attentionLoss": attention_loss.item(),
        "loss": loss.item(), "correct": int((best == ignored).sum()),
        "gradients": {key: written(value.grad if value.grad is not None else torch.zeros_like(value))
                      for key, value in model.weights.items()}}


decoder = {"embedding": 3, "units": 4, "attention": 5, "readout": 6}
cases = [
    case("audio, subsampling 4", {"bins": 7},
         {"subsampling": 4, "channels": 3, "input": 5, "layers": 2, "units": 4, "normalised": True},
         decoder, 7, [13, 21, 5], [[3, 4], [5, 5, 6], [4]], 0.3, 0.1),
    case("audio, subsampling 2, not normalised", {"bins": 6},
         {"subsampling": 2, "channels": 2, "input": 4, "layers": 1, "units": 3, "normalised": False},
         decoder, 6, [9, 4, 12, 7], [[3, 4, 5], [5], [3, 3, 4, 5], []], 0.5, 0.0),
    case("text", {"symbols": 8},
         {"subsampling": 4, "channels": 1, "input": 5, "layers": 2, "units": 3, "normalised": True},
         decoder, 7, [4, 6, 1], [[3, 4, 5, 6], [6], [4, 4]], 0.0, 0.1),
    case("text with a bridge", {"symbols": 6},
         {"subsampling": 4, "channels": 1, "input": 3, "layers": 2, "units": 4, "normalised": False},
         {**decoder, "bridge": True}, 6, [2, 5], [[3, 5], [4, 4, 5]], 0.0, 0.0),
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
