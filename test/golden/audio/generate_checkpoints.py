"""Writes the fixtures of sound checkpoints: small random folders as transformers saves them, and what it makes of a clip.

    pip install torch transformers soundfile safetensors
    python test/golden/audio/generate_checkpoints.py

checkpoints/clip.wav is a clip of 0.4 seconds, 16 kHz, 16 bits. Each folder beside it holds

- config.json, preprocessor_config.json, model.safetensors: a model with a head of some task, and its feature extractor;
- expected.safetensors, float32 from a float64 run: `features` as the model reads them (waves padded to half a second),
  `tokens` [steps or patches, width] of the encoder's last layer, and `pooled` [width]: the mean over the steps that are no padding,
  or the mean of AST's two tokens.

`wav2vec2` names the length and direction of a weight as PyTorch did before 2.1. versions.json says what wrote the files.
"""

import json
import math
import pathlib

import numpy as np
import safetensors.torch
import soundfile
import torch
import transformers
from transformers import (
    ASTConfig,
    ASTFeatureExtractor,
    ASTForAudioClassification,
    Wav2Vec2Config,
    Wav2Vec2FeatureExtractor,
    Wav2Vec2ForCTC,
    Wav2Vec2ForSequenceClassification,
    WhisperConfig,
    WhisperFeatureExtractor,
    WhisperForAudioClassification,
    WhisperForConditionalGeneration,
)

HERE = pathlib.Path(__file__).parent / "checkpoints"
HALF_A_SECOND = 8000
SMALL = dict(
    hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=40, attn_implementation="eager",
)
WAVE = SMALL | dict(
    conv_dim=[8, 8, 12], conv_stride=[5, 4, 4], conv_kernel=[10, 5, 4], num_conv_pos_embedding_groups=4,
    num_conv_pos_embeddings=6, mask_time_prob=0.0, layerdrop=0.0, vocab_size=8,
)
WHISPER = dict(
    d_model=24, encoder_layers=2, encoder_attention_heads=3, encoder_ffn_dim=40, num_mel_bins=20, max_source_positions=50,
    decoder_layers=1, decoder_attention_heads=1, decoder_ffn_dim=4, vocab_size=8, max_target_positions=4, pad_token_id=0,
    bos_token_id=1, eos_token_id=2, decoder_start_token_id=1, suppress_tokens=None, begin_suppress_tokens=None,
    attn_implementation="eager",
)


def whisper(model, features):
    encoder = model.model.encoder if hasattr(model, "model") else model.encoder
    tokens = encoder(features["input_features"]).last_hidden_state
    return tokens, tokens.mean(1)


def ast(model, features):
    output = model.base_model(features["input_values"])
    return output.last_hidden_state[:, 2:], output.pooler_output


def wave(model, features):
    mask = features.get("attention_mask")
    tokens = model.base_model(features["input_values"], attention_mask=mask).last_hidden_state
    if mask is None:
        return tokens, tokens.mean(1)
    heard = model._get_feature_vector_attention_mask(tokens.shape[1], mask)[..., None]
    return tokens, (tokens * heard).sum(1) / heard.sum(1)


PADDED = dict(padding="max_length", max_length=HALF_A_SECOND, truncation=True)
# name: model class, config, extractor, how it is called, states
MODELS = {
    "whisper": (
        WhisperForConditionalGeneration, WhisperConfig(**WHISPER),
        WhisperFeatureExtractor(feature_size=20, chunk_length=1), {}, whisper,
    ),
    "whisper-classifier": (
        WhisperForAudioClassification, WhisperConfig(**WHISPER, classifier_proj_size=8),
        WhisperFeatureExtractor(feature_size=20, chunk_length=1), {}, whisper,
    ),
    "ast": (
        ASTForAudioClassification,
        ASTConfig(**SMALL, patch_size=8, num_mel_bins=16, max_length=46, frequency_stride=4, time_stride=6),
        ASTFeatureExtractor(num_mel_bins=16, max_length=46), {}, ast,
    ),
    "wav2vec2": (
        Wav2Vec2ForSequenceClassification, Wav2Vec2Config(**WAVE),
        Wav2Vec2FeatureExtractor(return_attention_mask=False), PADDED, wave,
    ),
    "wav2vec2-masked": (
        Wav2Vec2ForCTC,
        Wav2Vec2Config(**WAVE, feat_extract_norm="layer", do_stable_layer_norm=True, conv_bias=True),
        Wav2Vec2FeatureExtractor(return_attention_mask=True), PADDED, wave,
    ),
}


def clip():
    random = np.random.default_rng(11)
    t = np.arange(6400) / 16000
    samples = 0.4 * np.sin(2 * np.pi * (300 * t + 2000 * t**2)) + 0.2 * np.exp(-8 * t) * np.sin(2 * np.pi * 900 * t)
    return samples + 0.02 * random.standard_normal(len(t))


def randomise(model, generator):
    """Replaces every parameter by noise: norms around 1, biases around 0, matrices wide enough to matter."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            if name.endswith("bias"):
                parameter.copy_(0.1 * noise)
            elif "norm" in name.lower():
                parameter.copy_(1 + 0.15 * noise)
            elif "token" in name or "position" in name:
                parameter.copy_(0.5 * noise)
            else:
                parameter.copy_(1.2 * noise / math.sqrt(parameter[0].numel()))


HERE.mkdir(exist_ok=True)
soundfile.write(HERE / "clip.wav", clip(), 16000, format="WAV", subtype="PCM_16")
samples, rate = soundfile.read(HERE / "clip.wav", dtype="float32")
for seed, (name, (model_class, config, extractor, options, states)) in enumerate(MODELS.items()):
    folder = HERE / name
    model = model_class(config).eval()
    randomise(model, torch.Generator().manual_seed(seed))
    model.save_pretrained(folder)
    extractor.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    stored = folder / "model.safetensors"
    if name == "wav2vec2":
        old = {"parametrizations.weight.original0": "weight_g", "parametrizations.weight.original1": "weight_v"}
        tensors = safetensors.torch.load_file(stored)
        for now, before in old.items():
            tensors = {key.replace(now, before): value for key, value in tensors.items()}
        safetensors.torch.save_file(tensors, stored)
    features = extractor(samples, sampling_rate=rate, return_tensors="pt", **options)
    first = next(iter(features.values()))
    doubled = {key: value.double() if value.is_floating_point() else value for key, value in features.items()}
    with torch.no_grad():
        tokens, pooled = states(model.double(), doubled)
    expected = {"features": first[0], "tokens": tokens[0].float(), "pooled": pooled[0].float()}
    safetensors.torch.save_file({k: v.contiguous() for k, v in expected.items()}, folder / "expected.safetensors")
versions = {"torch": torch.__version__, "transformers": transformers.__version__}
(HERE / "versions.json").write_text(json.dumps(versions, indent=2) + "\n")
