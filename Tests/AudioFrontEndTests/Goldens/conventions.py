"""Makes conventions.json: what the tools themselves give for the conventions of FeatureOptions+Conventions.swift.

Signals are parts of the clips of audio-samples, as 16-bit samples in base64, or come from a formula; of the features
every few frames are kept, as float32 in base64.

    pip install numpy scipy torch soundfile kaldi-native-fbank==1.23.0 librosa==0.11.0 faster-whisper==1.2.1 \
        python_speech_features==0.6 && pip install --no-deps torchaudio==2.11.0
    python conventions.py
"""
import base64
import importlib.metadata
import importlib.util
import json
import pathlib
import sys
import types
import warnings

import kaldi_native_fbank
import librosa
import numpy as np
import python_speech_features
import scipy.fft
import soundfile
import torch
from faster_whisper.feature_extractor import FeatureExtractor

warnings.filterwarnings("ignore")

# torchaudio's package refuses a torch built for another CUDA; this one file of it is plain Python.
found = importlib.metadata.distribution("torchaudio").locate_file("torchaudio/compliance/kaldi.py")


def create_dct(coefficients, bins, norm):
    return torch.from_numpy(scipy.fft.dct(np.eye(bins), norm=norm)[:, :coefficients])


sys.modules["torchaudio"] = types.ModuleType("torchaudio")
sys.modules["torchaudio"].functional = types.SimpleNamespace(create_dct=create_dct)
specification = importlib.util.spec_from_file_location("kaldi", found)
torchaudio_kaldi = importlib.util.module_from_spec(specification)
specification.loader.exec_module(torchaudio_kaldi)

here = pathlib.Path(__file__).parent
clips = here.parents[2] / "audio-samples"


def clip(name, first_second, seconds=0.3):
    samples, rate = soundfile.read(clips / name, dtype="float64", always_2d=True)
    first = int(first_second * rate)
    return rate, np.round(samples[first:first + int(seconds * rate)] * 32767).astype(np.int16)


rate, speech = clip("ducks-by-the-river-16k-pcm16.wav", 1)
signals = {
    "speech, 16 kHz": (rate, speech),
    "silence": (16000, np.zeros((4000, 1), np.int16)),
    "clipped": (16000, np.clip(speech[:4000].astype(np.int32) * 20, -32768, 32767).astype(np.int16)),
    "shorter than a frame": (16000, speech[:300]),
    "stereo, 44.1 kHz": clip("close-the-window-44k-pcm24-stereo.wav", 1),
    "speech, 8 kHz": clip("calling-the-doctor-8k-mulaw.wav", 1),
    "speech, 22.05 kHz": clip("beans-and-roses-22k.flac", 1),
    "speech, 44.1 kHz": (lambda r, s: (r, s[:, :1]))(*clip("close-the-window-44k-pcm24-stereo.wav", 1.5)),
    "speech, 48 kHz": clip("the-last-train-48k-vorbis.ogg", 1),
}


def frame_options(settings, rate):
    settings.frame_opts.dither = 0
    settings.frame_opts.samp_freq = rate
    return settings


def online(extractor, signal, rate):
    extractor.accept_waveform(rate, (signal * 32768).tolist())
    extractor.input_finished()
    return np.array([extractor.get_frame(i) for i in range(extractor.num_frames_ready)] or np.zeros((0, 1)))


def kaldi(signal, rate):
    settings = frame_options(kaldi_native_fbank.FbankOptions(), rate)
    values = online(kaldi_native_fbank.OnlineFbank(settings), signal, rate)
    wave = torch.from_numpy(signal[None].astype(np.float32)) * 32768
    check(values, torchaudio_kaldi.fbank, wave, sample_frequency=rate)
    return values


def kaldi_mfcc(signal, rate):
    settings = frame_options(kaldi_native_fbank.MfccOptions(), rate)
    values = online(kaldi_native_fbank.OnlineMfcc(settings), signal, rate)
    wave = torch.from_numpy(signal[None].astype(np.float32)) * 32768
    check(values, torchaudio_kaldi.mfcc, wave, sample_frequency=rate, use_energy=True)
    return values


def kaldi_spectrogram(signal, rate):
    if len(signal) < rate // 40:
        return np.zeros((0, 1))  # which torchaudio refuses
    wave = torch.from_numpy(signal[None].astype(np.float32)) * 32768
    return torchaudio_kaldi.spectrogram(wave, dither=0, energy_floor=0, sample_frequency=rate).numpy()


def check(values, function, wave, **options):
    """Two implementations of Kaldi agree; torchaudio refuses what is shorter than a frame and has an energy
    floor of 1 by default where Kaldi has none."""
    if len(values) == 0:
        return
    other = function(wave, dither=0, energy_floor=0, **options).numpy()
    assert values.shape == other.shape
    worst = (np.abs(values - other) / np.maximum(1, np.abs(values))).max()
    assert worst < 1e-3, worst


def htk_options(settings, rate):
    """Kaldi's options for HTK's features; `htk_mode` gives its logarithm HTK's floor of 1."""
    settings = frame_options(settings, rate)
    settings.frame_opts.window_type = "hamming"
    settings.frame_opts.remove_dc_offset = False
    settings.mel_opts.num_bins = 26
    settings.mel_opts.low_freq = 0
    settings.mel_opts.htk_mode = True
    settings.htk_compat = True
    return settings


def htk(signal, rate):
    settings = htk_options(kaldi_native_fbank.FbankOptions(), rate)
    settings.use_power = False
    return online(kaldi_native_fbank.OnlineFbank(settings), signal, rate)


def htk_mfcc(signal, rate):
    """Kaldi has no MFCC of magnitudes: of power."""
    settings = htk_options(kaldi_native_fbank.MfccOptions(), rate)
    settings.use_energy = False
    return online(kaldi_native_fbank.OnlineMfcc(settings), signal, rate)


def htk_mfcc_energy(signal, rate):
    settings = htk_options(kaldi_native_fbank.MfccOptions(), rate)
    return online(kaldi_native_fbank.OnlineMfcc(settings), signal, rate)


def librosa_mel(signal, rate):
    return librosa.power_to_db(librosa.feature.melspectrogram(y=signal.astype(np.float32), sr=rate)).T


def librosa_short(signal, rate):
    """A window shorter than the transform, magnitudes, the loudest as reference, reflection."""
    mel = librosa.feature.melspectrogram(
        y=signal.astype(np.float32), sr=rate, n_fft=1024, win_length=401, hop_length=160, power=1, n_mels=40,
        htk=True, norm=None, pad_mode="reflect", window="hamming")
    return librosa.amplitude_to_db(mel, ref=np.max).T


def librosa_mfcc(signal, rate):
    return librosa.feature.mfcc(y=signal.astype(np.float32), sr=rate).T


def librosa_power(signal, rate):
    return librosa.feature.melspectrogram(y=signal.astype(np.float32), sr=rate).T


def librosa_mfcc_lifter(signal, rate):
    return librosa.feature.mfcc(y=signal.astype(np.float32), sr=rate, n_mfcc=13, lifter=22).T


def whisper(bins):
    return lambda signal, rate: FeatureExtractor(feature_size=bins)(signal.astype(np.float32), padding=0).T


def transform_points(rate):
    return python_speech_features.base.calculate_nfft(rate, 0.025) if hasattr(
        python_speech_features.base, "calculate_nfft") else 1 << int(np.ceil(np.log2(0.025 * rate)))


def psf(signal, rate):
    return python_speech_features.logfbank(signal * 32768, rate, nfft=transform_points(rate))


def psf_mfcc(signal, rate):
    return python_speech_features.mfcc(signal * 32768, rate, nfft=transform_points(rate))


# name: tool, function, what differs from the convention, whether it is for 16 kHz only
TOOLS = {
    "kaldi": ("kaldi-native-fbank", kaldi, {}, False),
    "kaldiMFCC": ("kaldi-native-fbank", kaldi_mfcc, {}, False),
    "kaldiSpectrogram": ("torchaudio", kaldi_spectrogram, {}, False),
    "htk": ("kaldi-native-fbank", htk, {}, False),
    "htkMFCC": ("kaldi-native-fbank", htk_mfcc, {"spectrum": "power"}, False),
    "htkMFCC with energy": (
        "kaldi-native-fbank", htk_mfcc_energy, {"spectrum": "power", "energy": "replacesFirst"}, False),
    "librosa": ("librosa", librosa_mel, {}, False),
    "librosa with other options": (
        "librosa", librosa_short,
        {"transformPoints": 1024, "frameSamples": 401, "hopSamples": 160, "spectrum": "magnitude", "melBins": 40,
         "melScale": "htk", "areaNormalised": False, "edges": "reflect", "window": "hammingPeriodic", "reference": 0,
         "logFloor": 1e-5}, False),
    "librosa without logarithm": ("librosa", librosa_power, {"compression": "none"}, False),
    "librosaMFCC": ("librosa", librosa_mfcc, {}, False),
    "librosaMFCC with a lifter": ("librosa", librosa_mfcc_lifter, {"coefficients": 13, "lifter": 22}, False),
    "whisper": ("faster-whisper", whisper(80), {}, True),
    "whisper128": ("faster-whisper", whisper(128), {}, True),
    "pythonSpeechFeatures": ("python_speech_features", psf, {}, False),
    "pythonSpeechFeaturesMFCC": ("python_speech_features", psf_mfcc, {}, False),
}


def packed(array, kind):
    return base64.b64encode(np.ascontiguousarray(array, kind).tobytes()).decode()


cases = []
for name, (tool, function, changes, only16) in TOOLS.items():
    for signal_name, (rate, samples) in signals.items():
        if only16 and rate != 16000:
            continue
        mono = samples.astype(np.float64).mean(axis=1) / 32768
        values = np.asarray(function(mono, rate), np.float32)
        frames = len(values)
        step = max(1, -(-frames // (3 if name == "kaldiSpectrogram" else 5)))
        kept = list(range(0, frames, step)) + ([frames - 1] if frames and (frames - 1) % step else [])
        cases.append({
            "convention": name.split()[0], "name": name, "tool": tool, "signal": signal_name, "changes": changes,
            "frames": frames, "kept": kept, "values": packed(values[kept], "<f4")})
names = ("kaldi-native-fbank", "torchaudio", "librosa", "faster-whisper", "python_speech_features", "numpy", "scipy",
         "torch")
result = {
    "versions": {name: importlib.metadata.version(name) for name in names},
    "signals": [{"name": name, "sampleRate": rate, "channels": samples.shape[1], "samples": packed(samples, "<i2")}
                for name, (rate, samples) in signals.items()],
    "cases": cases}
target = here / "conventions.json"
target.write_text(json.dumps(result, indent=0) + "\n")
print(len(cases), "cases,", target.stat().st_size, "bytes")
