"""Writes parity.json: small cases with their inputs, outputs and every gradient, as PyTorch computes them.

    python make_goldens.py            (made with the PyTorch version that parity.json names)

Everything is computed in float64. Inputs and weights are multiples of 1/128, so that single precision holds the
same numbers. Layouts are those of StenoTensor and not PyTorch's:

    linear weight           [in, out]
    recurrent weights       [in, gates * units]; GRU gates: reset, update, new; LSTM gates: input, forget, cell, output
    convolution             x [batch, time, height, channels], weight [(time, height, channel), out]
    location filters        [size, filters]

The differentiated scalar is the sum of output * outputGradient over all outputs of a case. Beyond an utterance's
length, outputs are 0 and inputs have no effect, hence no gradient.
"""
import json
import math
from pathlib import Path

import torch
import torch.nn.functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

torch.set_default_dtype(torch.float64)
torch.manual_seed(20)
cases = []


def numbers(*shape, scale=1.0):
    return (torch.randn(*shape) * scale * 128).round() / 128


def written(tensor):
    return {"shape": list(tensor.shape), "values": [float(f"{x:.9g}") for x in tensor.detach().flatten().tolist()]}


def add(name, compute, inputs, integers=None, settings=None):
    """`compute` maps leaves by name to outputs by name; `integers` are lists it knows of (lengths, tokens)."""
    leaves = {key: value.clone().requires_grad_() for key, value in inputs.items()}
    outputs = compute(leaves)
    upstream = {key: torch.ones(()) if value.dim() == 0 else numbers(*value.shape) for key, value in outputs.items()}
    torch.autograd.backward(list(outputs.values()), list(upstream.values()))
    gradients = {key: value.grad if value.grad is not None else torch.zeros_like(value) for key, value in leaves.items()}
    cases.append({
        "name": name, "integers": integers or {}, "settings": settings or {},
        "inputs": {key: written(value) for key, value in leaves.items()},
        "outputs": {key: written(value) for key, value in outputs.items()},
        "outputGradients": {key: written(value) for key, value in upstream.items()},
        "gradients": {key: written(value) for key, value in gradients.items()}})


def valid(lengths, time):
    """[batch, time]: whether a step is within its sequence."""
    return torch.arange(time) < torch.tensor(lengths).unsqueeze(1)


# Maps of single rows.
add("linear", lambda i: {"y": F.linear(i["x"], i["weight"].T, i["bias"])},
    {"x": numbers(2, 3, 4), "weight": numbers(4, 5), "bias": numbers(5)})
tokens = [3, 0, 3, 1, 4, 3]
add("embedding", lambda i: {"y": F.embedding(torch.tensor(tokens).reshape(2, 3), i["table"])},
    {"table": numbers(5, 4)}, {"tokens": tokens, "batch": [2]})
x = numbers(3, 7)
add("relu", lambda i: {"y": F.relu(i["x"])}, {"x": x + x.sign() * 0.125 + (x == 0)})
add("tanh", lambda i: {"y": torch.tanh(i["x"])}, {"x": numbers(3, 7, scale=2)})
add("layerNorm", lambda i: {"y": F.layer_norm(i["x"], (6,), i["gain"], i["bias"], 1e-5)},
    {"x": numbers(2, 3, 6), "gain": numbers(6), "bias": numbers(6)})

# Convolution, each utterance alone.
for stride, lengths in ((2, [7, 4, 1]), (1, [4, 2, 3])):
    def convolution(i, stride=stride, lengths=lengths):
        filters = i["weight"].reshape(3, 3, 2, 3).permute(3, 2, 0, 1)
        x = (i["x"] * valid(lengths, i["x"].shape[1])[:, :, None, None]).permute(0, 3, 1, 2)
        y = F.conv2d(x, filters, i["bias"], stride, 1).permute(0, 2, 3, 1)
        reduced = [-(-length // stride) for length in lengths]
        return {"y": y * valid(reduced, y.shape[1])[:, :, None, None]}
    add(f"convolution, stride {stride}", convolution,
        {"x": numbers(3, max(lengths), 5, 2), "weight": numbers(18, 3, scale=0.5), "bias": numbers(3)},
        {"lengths": lengths, "stride": [stride]})


# Recurrent layers over packed sequences. A reversed layer alone runs over sequences turned round.
def recurrent(kind, directions, lengths, names, units=3, width=4):
    gates = {"gru": 3, "lstm": 4}[kind]
    module = {"gru": torch.nn.GRU, "lstm": torch.nn.LSTM}[kind]
    reversed_only = directions == ["backward"]
    inputs = {"x": numbers(len(lengths), max(lengths), width)}
    for name in names:
        inputs[name] = numbers(len(directions), len(lengths), units)
    for direction in directions:
        inputs |= {
            f"{direction}.inputWeight": numbers(width, gates * units, scale=0.5),
            f"{direction}.recurrentWeight": numbers(units, gates * units, scale=0.5),
            f"{direction}.inputBias": numbers(gates * units, scale=0.5),
            f"{direction}.recurrentBias": numbers(gates * units, scale=0.5)}

    def turned(x):
        return torch.stack([torch.cat([row[:n].flip(0), row[n:]]) for row, n in zip(x, lengths)])

    def compute(i):
        layer = module(width, units, batch_first=True, bidirectional=len(directions) == 2)
        weights = {}
        for direction, suffix in zip(directions, ("", "_reverse")):
            weights[f"weight_ih_l0{suffix}"] = i[f"{direction}.inputWeight"].T
            weights[f"weight_hh_l0{suffix}"] = i[f"{direction}.recurrentWeight"].T
            weights[f"bias_ih_l0{suffix}"] = i[f"{direction}.inputBias"]
            weights[f"bias_hh_l0{suffix}"] = i[f"{direction}.recurrentBias"]
        packed = pack_padded_sequence(turned(i["x"]) if reversed_only else i["x"], torch.tensor(lengths),
                                      batch_first=True, enforce_sorted=False)
        start = tuple(i[name] for name in names) or None
        start = start[0] if start and kind == "gru" else start
        outputs, last = torch.func.functional_call(layer, weights, (packed, start))
        outputs = pad_packed_sequence(outputs, batch_first=True)[0]
        outputs = turned(outputs) if reversed_only else outputs
        last = (last,) if kind == "gru" else last
        return {"outputs": outputs} | dict(zip(("lastHidden", "lastCell"), last))

    start = "" if names else ", no initial state"
    add(f"{kind}, {' and '.join(directions)}{start}", compute, inputs, {"lengths": lengths})


for kind, names in (("gru", ["hidden"]), ("lstm", ["hidden", "cell"])):
    recurrent(kind, ["forward"], [4, 2, 3], names)
    recurrent(kind, ["backward"], [2, 4, 1], names)
    recurrent(kind, ["forward", "backward"], [3, 5, 1], names)
    recurrent(kind, ["forward", "backward"], [3, 4, 2], [])


# GRU decoder with additive attention, teacher-forced, with location features or without.
def decoder(location, batch=3, steps=4, time=5, units=3, width=4, depth=2, filters=2, size=3):
    lengths, memory_lengths = [2, 4, 3], [5, 3, 1]
    inputs = {
        "gates": numbers(batch, steps, 3 * units), "initial": numbers(batch, units),
        "keys": numbers(batch, time, width), "values": numbers(batch, time, depth),
        "queryWeight": numbers(units, width), "queryBias": numbers(width), "energy": numbers(width),
        "contextWeight": numbers(depth, 3 * units), "recurrentWeight": numbers(units, 3 * units),
        "recurrentBias": numbers(3 * units)}
    if location:
        inputs |= {"filters": numbers(size, filters, scale=2), "locationWeight": numbers(filters, width)}

    def compute(i):
        inside, state = valid(memory_lengths, time), i["initial"]
        seen = torch.zeros(batch, time)
        gate_weight = torch.cat([torch.eye(3 * units), i["contextWeight"].T], 1)
        states, contexts, weights = [], [], []
        for u in range(steps):
            running = (torch.tensor(lengths) > u).unsqueeze(1)
            arguments = i["keys"] + (state @ i["queryWeight"] + i["queryBias"]).unsqueeze(1)
            if location:
                features = F.conv1d(seen.unsqueeze(1), i["filters"].T.unsqueeze(1), padding=size // 2)
                arguments = arguments + features.transpose(1, 2) @ i["locationWeight"]
            energies = (torch.tanh(arguments) @ i["energy"]).masked_fill(~inside, -torch.inf)
            attention = torch.softmax(energies, 1) * running
            context = (attention.unsqueeze(1) @ i["values"]).squeeze(1)
            new = torch.gru_cell(torch.cat([i["gates"][:, u], context], 1), state, gate_weight,
                                 i["recurrentWeight"].T, torch.zeros(3 * units), i["recurrentBias"])
            state = torch.where(running, new, state)
            seen = attention if location == "last" else seen + attention
            states.append(state * running)
            contexts.append(context)
            weights.append(attention)
        outputs = {"states": torch.stack(states, 1), "contexts": torch.stack(contexts, 1)}
        compute.attention = torch.stack(weights, 1)
        return outputs

    name = "attentionDecoder" + (f", location of {location} weights" if location else "")
    add(name, compute, inputs, {"lengths": lengths, "memoryLengths": memory_lengths},
        {"cumulative": float(location == "cumulative")})
    cases[-1]["attention"] = written(compute.attention)


decoder(None)
decoder("last")
decoder("cumulative")

# Losses. Targets of -1 are padding.
for smoothing in (0.0, 0.1):
    targets = [1, 4, 2, 3, -1, -1]
    add(f"crossEntropy, smoothing {smoothing}",
        lambda i, s=smoothing: {"loss": F.cross_entropy(i["logits"].flatten(0, 1), torch.tensor(targets),
                                                        ignore_index=-1, label_smoothing=s, reduction="sum") * 0.25},
        {"logits": numbers(2, 3, 5, scale=2)}, {"targets": targets}, {"smoothing": smoothing, "scale": 0.25})

# A repeat, an ordinary one, an empty target, an impossible one, one that fits exactly.
frames, labels = [6, 5, 4, 3, 5], [[1, 1, 2], [3, 2], [], [2, 2, 2], [3, 3, 1, 2]]
weights = torch.tensor([1.0, 0.5, 2.0, 1.0, 0.25])


def ctc(i):
    padded = torch.zeros(5, 4, dtype=torch.long)
    for row, label in zip(padded, labels):
        row[:len(label)] = torch.tensor(label, dtype=torch.long)
    losses = F.ctc_loss(i["logits"].log_softmax(2).transpose(0, 1), padded, torch.tensor(frames),
                        torch.tensor([len(label) for label in labels]), reduction="none", zero_infinity=True)
    return {"loss": (losses * weights).sum()}


add("ctc", ctc, {"logits": numbers(5, 6, 4, scale=2)},
    {"lengths": frames, "labels": sum(labels, []), "counts": [len(label) for label in labels]},
    {f"weight{k}": w for k, w in enumerate(weights.tolist())})

# Three steps of Adam, the gradients clipped to norm 1 before each; with decay, AdamW.
optimisers = []
for decay in (0.0, 0.1):
    weight = numbers(11).requires_grad_()
    case = {"decay": decay, "rate": 0.01, "beta1": 0.9, "beta2": 0.98, "epsilon": 1e-8, "start": written(weight),
            "steps": []}
    optimiser = torch.optim.AdamW([weight], lr=0.01, betas=(0.9, 0.98), eps=1e-8, weight_decay=decay)
    for scale in (1.0, 0.125, 4.0):
        weight.grad = numbers(11, scale=scale)
        step = {"gradient": written(weight.grad)}
        torch.nn.utils.clip_grad_norm_([weight], 1.0)
        optimiser.step()
        case["steps"].append(step | {"weight": written(weight)})
    optimisers.append(case)

# What a Transformer is made of.
add("gelu", lambda i: {"y": F.gelu(i["x"])}, {"x": numbers(3, 7, scale=2)})
inputs = {}
while not inputs or F.linear(inputs["x"], inputs["weight"].T, inputs["bias"]).abs().min() < 0.25:  # off the kink
    inputs = {"x": numbers(3, 4), "weight": numbers(4, 5), "bias": numbers(5)}
add("linear with relu", lambda i: {"y": F.relu(F.linear(i["x"], i["weight"].T, i["bias"]))}, inputs)
add("linear with gelu", lambda i: {"y": F.gelu(F.linear(i["x"], i["weight"].T, i["bias"]))},
    {"x": numbers(3, 4), "weight": numbers(4, 5), "bias": numbers(5)})


def tied(i):
    y = F.linear(F.embedding(torch.tensor(tokens).reshape(2, 3), i["table"]), i["table"], i["bias"])
    return {"y": y}


add("tied output", tied, {"table": numbers(5, 4), "bias": numbers(5)}, {"tokens": tokens, "batch": [2]})


def positioned(i, offset=3, width=6):
    place = torch.arange(offset, offset + 4).unsqueeze(1)
    rate = 10000.0 ** (-torch.arange(0, width, 2) / width)
    table = torch.stack([torch.sin(place * rate), torch.cos(place * rate)], 2).flatten(1)
    return {"y": i["x"] * 2.5 + table}


add("positions", positioned, {"x": numbers(2, 4, 6)}, {"offset": [3]}, {"scale": 2.5})


# Attention with several heads, between its projections. Queries beyond an item's own give 0.
def multi_head(name, lengths, query_lengths, causal, packed, heads=2, width=6):
    batch, time, steps = len(lengths), max(lengths), max(query_lengths)
    inputs = {"self": {"packed": numbers(batch, time, 3 * width)},
              "memory": {"queries": numbers(batch, steps, width), "packed": numbers(batch, time, 2 * width)},
              "apart": {"queries": numbers(batch, steps, width), "keys": numbers(batch, time, width),
                        "values": numbers(batch, time, width)}}[packed]

    def compute(i):
        parts = list(i["packed"].split(width, 2)) if "packed" in i else [i["keys"], i["values"]]
        q, k, v = ([i["queries"]] if "queries" in i else []) + parts
        q, k, v = (x.unflatten(2, (heads, -1)).transpose(1, 2) for x in (q, k, v))
        seen = valid(lengths, time)[:, None, None, :]
        if causal:
            seen = seen & torch.ones(steps, time, dtype=torch.bool).tril()
        scores = (q @ k.transpose(2, 3) / math.sqrt(width / heads)).masked_fill(~seen, -torch.inf)
        weights = torch.nan_to_num(torch.softmax(scores, 3)) * valid(query_lengths, steps)[:, None, :, None]
        compute.weights = weights.mean(1)
        return {"y": (weights @ v).transpose(1, 2).flatten(2)}

    add(f"multiHeadAttention, {name}", compute, inputs, {"lengths": lengths, "queryLengths": query_lengths},
        {"causal": float(causal), "heads": heads})
    cases[-1]["attention"] = written(compute.weights)


multi_head("of a sequence to itself", [5, 2, 4], [5, 2, 4], False, "self")
multi_head("of a sequence to its past", [3, 5, 4], [3, 5, 4], True, "self", heads=3)
multi_head("to a memory, one of them empty", [4, 0, 7], [2, 3, 1], False, "memory")
multi_head("with factors of their own", [2, 5, 3], [3, 2, 4], False, "apart", heads=1)

document = {"source": f"PyTorch {torch.__version__.split('+')[0]}, float64", "cases": cases, "optimisers": optimisers}
Path(__file__).with_name("parity.json").write_text(json.dumps(document) + "\n")
