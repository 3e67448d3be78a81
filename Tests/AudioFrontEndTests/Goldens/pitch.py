"""Makes pitch.json: fundamental frequencies of synthetic and real voices by librosa's pyin and yin.

The signals are formulas that PitchTests.swift computes again, and a piece of a clip of audio-samples, which is stored.
librosa is given them in double precision. Where single precision would give it another pitch or another decision, the
expected values would be chance: the script then stops.

    pip install numpy==2.4.6 scipy==1.17.1 librosa==0.11.0 soundfile
    python pitch.py
"""
import base64
import json
import pathlib
import warnings

import librosa
import numpy as np
import scipy
import soundfile

FOLDER = pathlib.Path(__file__).parent
CLIP = FOLDER.parents[2] / "audio-samples" / "ducks-by-the-river-16k-pcm16.wav"  # 16 kHz
PIECE = soundfile.read(CLIP, start=16000, frames=14400, dtype="int16")[0]


def noise(count):
    """Uniform in [-1, 1): SplitMix64 from the seed 1."""
    values = np.empty(count)
    state, mask = 1, (1 << 64) - 1
    for i in range(count):
        state = (state + 0x9E3779B97F4A7C15) & mask
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        values[i] = ((z ^ (z >> 31)) >> 11) * 2.0**-52 - 1
    return values


def signal(case):
    """Samples as 16-bit integers. A voice's frequency swings about `hertz` by `depth` twice a second; it is there in
    the first, third, ... of `parts` equal parts, with noise everywhere."""
    if case["signal"] == "clip":
        return PIECE
    rate, count = case["options"].get("sampleRate", 16000), case["count"]
    t = np.arange(count) / rate
    phase = 2 * np.pi * case["hertz"] * t - case["depth"] / 2 * np.cos(4 * np.pi * t)
    voice = sum(np.sin(h * phase) / h for h in range(1, case["harmonics"] + 1))
    sounding = np.arange(count) * case["parts"] // count % 2 == 0
    return np.floor(8000 * voice * sounding + case["noise"] * noise(count) + 0.5)


def voice(name, count, hertz=150, depth=50, harmonics=8, parts=4, noise=30, **options):
    return {"name": name, "signal": "voice", "count": count, "hertz": hertz, "depth": depth, "harmonics": harmonics,
            "parts": parts, "noise": noise, "options": options}


def clip(name, **options):
    return {"name": name, "signal": "clip", "options": options}


CASES = [
    voice("a voice with pauses, 16 kHz", 32000),
    voice("a high voice, 8 kHz, a short frame", 8000, hertz=310, depth=90, sampleRate=8000, frameSamples=1024,
          hopSamples=128),
    voice("a low voice, 44.1 kHz, a long frame", 44100, hertz=90, depth=20, sampleRate=44100, frameSamples=4096),
    voice("a tone near the highest pitch, 44.1 kHz", 22050, hertz=1900, depth=100, harmonics=1, parts=1,
          sampleRate=44100),
    voice("noise", 16000, harmonics=0, noise=9000),
    voice("silence", 8000, harmonics=0, noise=0),
    voice("37 samples", 37, parts=1),
    voice("a signal shorter than a frame that is not centred", 2047, parts=1, isCentred=False),
    voice("options of its own: an odd frame, a band of even width, few thresholds", 16000, isCentred=False,
          frameSamples=1023, hopSamples=256, lowHertz=70, highHertz=600, thresholds=40, thresholdAlpha=1.5,
          thresholdBeta=9, boltzmann=1, resolution=0.2, octavesPerSecond=36, switchProbability=0.05,
          noTroughProbability=0.2, troughThreshold=0.2),
    voice("an odd number of bins with a band of even width", 16000, hopSamples=256, lowHertz=70, highHertz=605,
          resolution=0.2, octavesPerSecond=36),
    voice("no change of pitch within a frame's time", 8000, octavesPerSecond=0.5, hopSamples=160),
    clip("real speech, 10 ms", frameSamples=1024, hopSamples=160, lowHertz=60, highHertz=500),
    clip("real speech, defaults"),
]


def pitch(samples, options):
    shared = dict(fmin=options.get("lowHertz", librosa.note_to_hz("C2")),
                  fmax=options.get("highHertz", librosa.note_to_hz("C7")), sr=options.get("sampleRate", 16000),
                  frame_length=options.get("frameSamples", 2048), hop_length=options.get("hopSamples", 512),
                  center=options.get("isCentred", True))
    if len(samples) < shared["frame_length"] and not shared["center"]:
        return np.zeros(0), np.zeros(0, bool), np.zeros(0), np.zeros(0)  # librosa refuses these
    hertz, flag, probability = librosa.pyin(
        samples, n_thresholds=options.get("thresholds", 100),
        beta_parameters=(options.get("thresholdAlpha", 2), options.get("thresholdBeta", 18)),
        boltzmann_parameter=options.get("boltzmann", 2), resolution=options.get("resolution", 0.1),
        max_transition_rate=options.get("octavesPerSecond", 35.92),
        switch_prob=options.get("switchProbability", 0.01), no_trough_prob=options.get("noTroughProbability", 0.01),
        **shared)
    plain = librosa.yin(samples, trough_threshold=options.get("troughThreshold", 0.1), **shared)
    return np.nan_to_num(hertz), flag, probability, plain


warnings.filterwarnings("ignore", message="With fmin")
for case in CASES:
    samples = signal(case) / 32768
    hertz, flag, probability, plain = pitch(samples, case["options"])
    for double, single in zip((hertz, flag, probability, plain), pitch(samples.astype(np.float32), case["options"])):
        assert np.allclose(double, single, rtol=1e-4, atol=1e-5), case["name"]
    assert np.array_equal(flag, hertz > 0)
    case["pyin"] = [float(f"{x:.7g}") for x in hertz]
    case["voicing"] = [round(float(x), 7) for x in probability]
    case["yin"] = [float(f"{x:.7g}") for x in plain]
    print(f"{case['name']}: {len(hertz)} frames, {flag.sum()} voiced")

versions = {"librosa": librosa.__version__, "numpy": np.__version__, "scipy": scipy.__version__}
piece = base64.b64encode(PIECE.astype("<i2").tobytes()).decode()
text = json.dumps({"versions": versions, "clip": piece, "cases": CASES}, separators=(",", ":"))
(FOLDER / "pitch.json").write_text(text.replace('{"name"', '\n{"name"') + "\n")
