"""Makes filter_banks.json: log-mel features of one synthetic signal under several conventions, from
kaldi-native-fbank (Kaldi's code), each checked against torchaudio.compliance.kaldi where that has the option.

    pip install numpy torch kaldi-native-fbank==1.23.0 && pip install --no-deps torchaudio==2.11.0
    python filter_banks.py
"""
import importlib.metadata
import importlib.util
import json
import pathlib
import sys
import types

import kaldi_native_fbank
import numpy as np
import torch

# torchaudio's package refuses a torch built for another CUDA; this one file of it is plain Python.
found = importlib.metadata.distribution("torchaudio").locate_file("torchaudio/compliance/kaldi.py")
sys.modules["torchaudio"] = types.ModuleType("torchaudio")
specification = importlib.util.spec_from_file_location("kaldi", found)
torchaudio_kaldi = importlib.util.module_from_spec(specification)
specification.loader.exec_module(torchaudio_kaldi)

RATE = 16000
random = np.random.default_rng(12)
time = np.arange(4100) / RATE
voice = sum(np.sin(2 * np.pi * h * (120 * time + 80 * time**2)) / h for h in range(1, 40)) * 3000
signal = voice * np.hanning(len(time)) + random.standard_normal(len(time)) * 40 + 500
signal[2500:2600] = 32767
samples = np.clip(np.round(signal), -32768, 32767).astype(np.int64)

CASES = {
    "Kaldi's defaults with 80 bins, samples in [-1, 1]": {},
    "Kaldi's own sample scale": {"sampleScale": 32768},
    "frames beyond the edges": {"sampleScale": 32768, "framing": "hopCentred", "edges": "symmetric"},
    "8 kHz, 40 bins, Hamming, a high cut-off from the Nyquist frequency": {
        "sampleScale": 32768, "sampleRate": 8000, "melBins": 40, "window": "hamming", "lowHertz": 64,
        "highHertz": -200},
    "magnitudes, Hann, no pre-emphasis, mean kept": {
        "sampleScale": 32768, "spectrum": "magnitude", "window": "hann", "preEmphasis": 0, "removeDC": False,
        "melBins": 23},
    "a hop that does not divide the frame, 22.05 kHz": {
        "sampleScale": 32768, "sampleRate": 22050, "frameSeconds": 0.03, "hopSeconds": 0.007, "window": "rectangular",
        "melBins": 64, "lowHertz": 0},
}


def features(options):
    settings = kaldi_native_fbank.FbankOptions()
    frame, mel = settings.frame_opts, settings.mel_opts
    frame.dither = 0
    frame.samp_freq = options.get("sampleRate", RATE)
    frame.frame_length_ms = options.get("frameSeconds", 0.025) * 1000
    frame.frame_shift_ms = options.get("hopSeconds", 0.010) * 1000
    frame.window_type = {"hann": "hanning"}.get(options.get("window", "povey"), options.get("window", "povey"))
    frame.preemph_coeff = options.get("preEmphasis", 0.97)
    frame.remove_dc_offset = options.get("removeDC", True)
    frame.snip_edges = options.get("framing", "snipEdges") == "snipEdges"
    mel.num_bins = options.get("melBins", 80)
    mel.low_freq = options.get("lowHertz", 20)
    mel.high_freq = options.get("highHertz", 0)
    settings.use_power = options.get("spectrum", "power") == "power"
    settings.energy_floor = 0
    scaled = samples * (options.get("sampleScale", 1) / 32768)
    online = kaldi_native_fbank.OnlineFbank(settings)
    online.accept_waveform(frame.samp_freq, scaled.tolist())
    online.input_finished()
    values = np.stack([online.get_frame(i) for i in range(online.num_frames_ready)])

    other = torchaudio_kaldi.fbank(
        torch.tensor(scaled[None], dtype=torch.float32), num_mel_bins=mel.num_bins, dither=0.0, energy_floor=0.0,
        sample_frequency=frame.samp_freq, frame_length=frame.frame_length_ms, frame_shift=frame.frame_shift_ms,
        window_type=frame.window_type, preemphasis_coefficient=frame.preemph_coeff,
        remove_dc_offset=frame.remove_dc_offset, snip_edges=frame.snip_edges, low_freq=mel.low_freq,
        high_freq=mel.high_freq, use_power=settings.use_power).numpy()
    difference = np.abs(values - other).max()
    print(f"{values.shape}  torchaudio differs by at most {difference:.1e}")
    assert values.shape == other.shape and difference < 1e-4
    return values


cases = []
for name, options in CASES.items():
    values = features(options)
    cases.append({"name": name, "options": options, "frames": values.shape[0],
                  "values": [float(f"{v:.7g}") for v in values.flatten()]})
versions = {name: importlib.metadata.version(name) for name in ("kaldi-native-fbank", "torchaudio", "numpy", "torch")}
result = {"versions": versions, "samples": samples.tolist(), "cases": cases}
pathlib.Path(__file__).with_name("filter_banks.json").write_text(json.dumps(result, separators=(",", ":")) + "\n")
