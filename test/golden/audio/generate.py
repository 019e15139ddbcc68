"""Writes the sound fixtures: small files of every format with what libsndfile reads in them, one file resampled by
soxr, and what transformers' feature extractors make of a clip.

    pip install torch transformers soundfile soxr numpy safetensors
    python test/golden/audio/generate.py

All sounds are made here. `expected.safetensors` holds float32:

- `decode.<file>` [samples]: the mean of the file's channels, as libsndfile decodes it
- `resample.input` and `resample.<from>-<to>`: tones that fade in and out, and soxr's very high quality of them
- `clip` [samples at 16 kHz] and for each case of `extractors.json` its features: `<case>`; of Whisper's default of
  30 seconds only the first 64 frames, the others being silence
"""

import json
import pathlib

import numpy as np
import soundfile
import soxr
import torch
import transformers
from safetensors.numpy import save_file
from transformers import ASTFeatureExtractor, Wav2Vec2FeatureExtractor, WhisperFeatureExtractor

HERE = pathlib.Path(__file__).parent / "fixtures"
HERE.mkdir(exist_ok=True)
random = np.random.default_rng(7)
expected = {}


def sound(seconds, rate, channels=1):
    """A rising tone, a bell and some noise; the second channel is another tone."""
    t = np.arange(int(seconds * rate)) / rate
    first = 0.4 * np.sin(2 * np.pi * (200 * t + 1500 * t**2)) + 0.3 * np.exp(-6 * t) * np.sin(2 * np.pi * 1320 * t)
    first += 0.02 * random.standard_normal(len(t))
    rest = [0.3 * np.sin(2 * np.pi * (330 + 110 * c) * t) for c in range(1, channels)]
    return np.stack([first, *rest], axis=1)


def write(name, samples, rate, format, subtype):
    path = HERE / name
    soundfile.write(path, samples, rate, format=format, subtype=subtype)
    back, back_rate = soundfile.read(path, dtype="float32", always_2d=True)
    assert back_rate == rate
    expected[f"decode.{name}"] = back.mean(axis=1).astype(np.float32)


for subtype in ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"]:
    write(f"{subtype.lower()}.wav", sound(0.03, 16000, 2), 16000, "WAV", subtype)
write("extensible-24.wav", sound(0.03, 22050, 3), 22050, "WAVEX", "PCM_24")
write("extensible-float.wav", sound(0.03, 22050, 1), 22050, "WAVEX", "FLOAT")
write("ulaw.wav", sound(0.01, 8000), 8000, "WAV", "ULAW")
write("mono-16.flac", sound(0.08, 22050), 22050, "FLAC", "PCM_16")
write("stereo-24.flac", sound(0.05, 48000, 2), 48000, "FLAC", "PCM_24")
write("mono.mp3", sound(0.15, 22050), 22050, "MP3", "MPEG_LAYER_III")
write("stereo.mp3", sound(0.15, 44100, 2), 44100, "MP3", "MPEG_LAYER_III")
write("vorbis.ogg", sound(0.15, 44100, 2), 44100, "OGG", "VORBIS")
write("opus.ogg", sound(0.15, 48000), 48000, "OGG", "OPUS")
del expected["decode.ulaw.wav"]

# Read at any of the rates, all tones lie below 0.85 of the lowest Nyquist frequency, where every good resampler agrees.
t = np.arange(2000) / 44100
tones = sum(np.sin(2 * np.pi * hz * t + hz) / 8 for hz in [110, 440, 1000, 2500, 4000, 5000, 6000])
tones = (tones * np.sin(np.pi * t / t[-1]) ** 2).astype(np.float32)
expected["resample.input"] = tones
for source, target in [(44100, 16000), (48000, 16000), (22050, 16000), (16000, 44100)]:
    expected[f"resample.{source}-{target}"] = soxr.resample(tones, source, target, "VHQ").astype(np.float32)

clip = sound(0.4, 16000)[:, 0].astype(np.float32)
expected["clip"] = clip
WHISPER = {"feature_extractor_type": "WhisperFeatureExtractor"}
AST = {"feature_extractor_type": "ASTFeatureExtractor"}
WAV2VEC2 = {"feature_extractor_type": "Wav2Vec2FeatureExtractor"}
CASES = {
    "whisper-default": WHISPER,
    "whisper-128": WHISPER | {"feature_size": 128, "chunk_length": 1},
    "whisper-cropped": WHISPER | {"chunk_length": 1, "sampling_rate": 4800, "n_fft": 512, "hop_length": 128},
    "ast": AST | {"max_length": 46, "num_mel_bins": 128, "mean": -4.2677393, "std": 4.5689974},
    "ast-cropped": AST | {"max_length": 20, "num_mel_bins": 64},
    "ast-raw": AST | {"max_length": 16, "do_normalize": False},
    "wav2vec2": WAV2VEC2 | {"do_normalize": True, "return_attention_mask": True},
    "wav2vec2-raw": WAV2VEC2 | {"do_normalize": False},
}
CLASSES = {
    "WhisperFeatureExtractor": WhisperFeatureExtractor,
    "ASTFeatureExtractor": ASTFeatureExtractor,
    "Wav2Vec2FeatureExtractor": Wav2Vec2FeatureExtractor,
}
for name, config in CASES.items():
    settings = {key: value for key, value in config.items() if key != "feature_extractor_type"}
    extractor = CLASSES[config["feature_extractor_type"]](**settings)
    out = extractor(clip, sampling_rate=extractor.sampling_rate, return_tensors="np")
    values = np.asarray(out["input_features" if "input_features" in out else "input_values"])[0]
    if name == "whisper-default":
        assert values.shape == (80, 3000) and np.ptp(values[:, 64:]) == 0
        values = values[:, :64]
    if name == "wav2vec2-raw":
        continue
    expected[name] = np.ascontiguousarray(values, dtype=np.float32)

save_file(expected, HERE / "expected.safetensors")
(HERE / "extractors.json").write_text(json.dumps(CASES, indent=1) + "\n")
versions = {m.__name__: m.__version__ for m in (np, soundfile, soxr, torch, transformers)}
(HERE / "versions.json").write_text(json.dumps(versions, indent=1) + "\n")
