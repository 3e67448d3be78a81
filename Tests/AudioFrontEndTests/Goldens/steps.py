"""Makes steps.json: what other tools do to the frames of features.

    pip install numpy torch kaldi-native-fbank==1.23.0 librosa==0.11.0 && pip install --no-deps torchaudio==2.11.0
    python steps.py
"""
import ast
import importlib.metadata
import json
import math
import pathlib
from typing import Optional

import kaldi_native_fbank
import librosa
import numpy as np
import torch

# torchaudio's package refuses a torch built for another CUDA; two functions of it are plain Python.
found = importlib.metadata.distribution("torchaudio").locate_file("torchaudio/functional/functional.py")
wanted = {"compute_deltas", "sliding_window_cmn"}
nodes = [node for node in ast.parse(pathlib.Path(found).read_text()).body
         if isinstance(node, ast.FunctionDef) and node.name in wanted]
space = {"torch": torch, "Tensor": torch.Tensor, "Optional": Optional, "math": math}
exec(compile(ast.Module(nodes, []), str(found), "exec"), space)
torch_deltas, sliding = space["compute_deltas"], space["sliding_window_cmn"]

random = np.random.default_rng(5)
frames = np.cumsum(random.standard_normal((40, 3)), axis=0).astype(np.float32)


def htk_deltas(x, order, window):
    """Each order is the regression of the one below, as HTK has it."""
    parts = [torch.from_numpy(x.T[None])]
    for _ in range(order):
        parts.append(torch_deltas(parts[-1], 2 * window + 1))
    return torch.cat(parts, 1)[0].numpy().T


def kaldi_deltas(x, order, window):
    return kaldi_native_fbank.compute_deltas(kaldi_native_fbank.DeltaOptions(order=order, window=window), x)


def librosa_deltas(x, order, window):
    parts = [librosa.feature.delta(x, width=2 * window + 1, order=k, axis=0) for k in range(1, order + 1)]
    return np.concatenate([x, *parts], axis=1)


def cmn(x, window, minimum, centred, variance):
    return sliding(torch.from_numpy(x), window, minimum, centred, variance).numpy()


def splice(x, left, right):
    return kaldi_native_fbank.splice_frames(x, kaldi_native_fbank.SpliceOptions(left, right))


cases = []


def add(step, values, count=len(frames)):
    cases.append({"step": step, "frames": count, "values": [float(f"{v:.8g}") for v in np.asarray(values).flatten()]})


for kind, function in (("kaldi", kaldi_deltas), ("htk", htk_deltas), ("librosa", librosa_deltas)):
    for order, window in ((2, 2), (1, 4), (3, 3)):
        add({"deltas": {"kind": kind, "order": order, "window": window}}, function(frames, order, window))
add({"deltas": {"order": 2, "window": 3}}, kaldi_deltas(frames[:4], 2, 3), 4)
for centred in (False, True):
    for variance in (False, True):
        for window, minimum, count in ((10, 4, 40), (15, 15, 40), (30, 20, 8)):
            add({"slidingNormalisation": {
                "window": window, "minimum": minimum, "isCentred": centred, "scalesVariance": variance}},
                cmn(frames[:count], window, minimum, centred, variance), count)
add({"stacking": {"left": 2, "right": 3}}, splice(frames, 2, 3))
add({"stacking": {"left": 3, "right": 3, "stride": 6}}, splice(frames, 3, 3)[::6])

versions = {name: importlib.metadata.version(name) for name in ("kaldi-native-fbank", "librosa", "torchaudio", "numpy")}
result = {"versions": versions, "bins": 3, "input": frames.flatten().tolist(), "cases": cases}
target = pathlib.Path(__file__).with_name("steps.json")
target.write_text(json.dumps(result, separators=(",", ":")) + "\n")
print(len(cases), "cases,", target.stat().st_size, "bytes")
