"""Writes the fixtures of image architectures: small random checkpoints and what PyTorch computes with them.

    python test/golden/architectures/generate_pictures.py [name ...]

Each folder in pictures holds one model:

- config.json, model.safetensors: the checkpoint, as transformers saves the model.
- batches.safetensors: three batches, `<b>.pixels` `[batch, channels, height, width]` float32, `<b>.labels` `[batch]` int32.
- expected.safetensors, float32 from a float64 run on the same weights, for batch 0:
  `classifier.weight` `[classes, width]`, `classifier.bias`: the linear head on the pooled vector, at its start;
  `tokens` `[batch, patches, width]`, `pooled` `[batch, width]`, `logits` `[batch, classes]`;
  `gradient.<parameter>`: of the loss, for every parameter, under the checkpoint's names.
  Of a model with batch norms also `training.gradient.<parameter>`, the batch's statistics in use, and
  `training.after.<name>`: the running averages after the ten steps.
- expected.json: the loss of batch 0 (float64) and ten losses of AdamW training (float32), batches in turn 0, 1, 2, 0 ...;
  every parameter decays. Where there are batch norms, with the averages kept, and under `training` with the batch's.

Every parameter is noise of a size that matters (biases and norms too), so none can be forgotten unseen.
pictures/versions.json says what wrote the files. `attune-image-small` is no model of transformers: small_image.py.
"""

import json
import math
import pathlib
import sys

import safetensors.torch
import torch
import transformers
from small_image import SmallImage
from transformers import (
    ASTConfig,
    ASTForAudioClassification,
    CLIPVisionConfig,
    CLIPVisionModel,
    ConvNextConfig,
    ConvNextForImageClassification,
    DeiTConfig,
    DeiTForImageClassification,
    ResNetConfig,
    ResNetForImageClassification,
    SiglipVisionConfig,
    SiglipVisionModel,
    ViTConfig,
    ViTForImageClassification,
    Wav2Vec2Config,
    Wav2Vec2ForSequenceClassification,
    WhisperConfig,
    WhisperForConditionalGeneration,
)

HERE = pathlib.Path(__file__).parent / "pictures"
CLASSES = 5
TRAINING = {"learningRate": 1e-3, "betas": [0.9, 0.999], "epsilon": 1e-8, "weightDecay": 0.01, "steps": 10}
BATCHES = [3, 2, 4]


def class_token(first):
    def states(model, pixels):
        hidden = model.base_model(pixel_values=pixels).last_hidden_state
        return hidden[:, first:], hidden[:, 0]

    return states


def pixels_as_tokens(features):
    return features.flatten(2).transpose(1, 2)


def features_and_pooled(model, pixels):
    output = model.base_model(pixel_values=pixels)
    return pixels_as_tokens(output.last_hidden_state), output.pooler_output.flatten(1)


def clip(model, pixels):
    output = model(pixel_values=pixels)
    return output.last_hidden_state[:, 1:], output.pooler_output


def siglip(model, pixels):
    output = model(pixel_values=pixels)
    return output.last_hidden_state, output.pooler_output


def spectrogram(model, pixels):
    output = model.base_model(input_values=pixels[:, 0].transpose(1, 2))
    return output.last_hidden_state[:, 2:], output.pooler_output


def whisper(model, pixels):
    hidden = model.model.encoder(input_features=pixels[:, 0]).last_hidden_state
    return hidden, hidden.mean(1)


def wave(model, pixels):
    hidden = model.base_model(input_values=pixels[:, 0, 0]).last_hidden_state
    return hidden, hidden.mean(1)


def small(model, pixels):
    features = model(pixels)
    return pixels_as_tokens(features), features.mean((2, 3))


VIT = dict(
    hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=40, image_size=[24, 16], patch_size=8,
    attn_implementation="eager",
)
TOWER = dict(
    hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=40, image_size=16, patch_size=8,
    attn_implementation="eager",
)
WAVE = dict(
    hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=40, conv_dim=[8, 12], conv_stride=[3, 2],
    conv_kernel=[5, 3], num_conv_pos_embedding_groups=4, mask_time_prob=0.0, layerdrop=0.0, hidden_dropout=0.0,
    activation_dropout=0.0, attention_dropout=0.0, attn_implementation="eager",
)
RESNET = dict(embedding_size=8, num_labels=CLASSES)

# name: model class, config, (channels, height, width), tokens and pooled vector
MODELS = {
    "attune-image-small": (
        SmallImage,
        {"model_type": "attune-image-small", "num_channels": 1, "image_height": 22, "image_width": 18, "stem_size": 8,
         "hidden_sizes": [8, 16], "depths": [1, 2]},
        (1, 22, 18), small,
    ),
    "vit": (ViTForImageClassification, ViTConfig(**VIT), (3, 24, 16), class_token(1)),
    "deit": (DeiTForImageClassification, DeiTConfig(**VIT | {"qkv_bias": False}), (3, 24, 16), class_token(2)),
    "resnet-basic": (
        ResNetForImageClassification,
        ResNetConfig(**RESNET, hidden_sizes=[8, 12], depths=[1, 2], layer_type="basic"),
        (3, 40, 36), features_and_pooled,
    ),
    "resnet-bottleneck": (
        ResNetForImageClassification,
        ResNetConfig(**RESNET, hidden_sizes=[16, 24], depths=[2, 1], layer_type="bottleneck",
                     downsample_in_bottleneck=True, downsample_in_first_stage=True),
        (3, 48, 32), features_and_pooled,
    ),
    "convnext": (
        ConvNextForImageClassification,
        ConvNextConfig(hidden_sizes=[8, 12], depths=[1, 2], num_stages=2, image_size=32, layer_scale_init_value=0.5),
        (3, 32, 32), features_and_pooled,
    ),
    "clip_vision_model": (CLIPVisionModel, CLIPVisionConfig(**TOWER), (3, 16, 16), clip),
    "siglip_vision_model": (SiglipVisionModel, SiglipVisionConfig(**TOWER), (3, 16, 16), siglip),
    "audio-spectrogram-transformer": (
        ASTForAudioClassification,
        ASTConfig(**{k: v for k, v in VIT.items() if k != "image_size"}, num_mel_bins=12, max_length=20,
                  frequency_stride=4, time_stride=6),
        (1, 12, 20), spectrogram,
    ),
    "whisper": (
        WhisperForConditionalGeneration,
        WhisperConfig(d_model=24, encoder_layers=2, encoder_attention_heads=3, encoder_ffn_dim=40, num_mel_bins=20,
                      max_source_positions=9, decoder_layers=1, decoder_attention_heads=1, decoder_ffn_dim=4, vocab_size=8,
                      max_target_positions=4, pad_token_id=0, bos_token_id=1, eos_token_id=2, decoder_start_token_id=1,
                      suppress_tokens=None, begin_suppress_tokens=None, attn_implementation="eager"),
        (1, 20, 18), whisper,
    ),
    "wav2vec2": (
        Wav2Vec2ForSequenceClassification, Wav2Vec2Config(**WAVE, num_conv_pos_embeddings=6), (1, 1, 70), wave,
    ),
    "wav2vec2-stable": (
        Wav2Vec2ForSequenceClassification,
        Wav2Vec2Config(**WAVE, num_conv_pos_embeddings=5, feat_extract_norm="layer", do_stable_layer_norm=True,
                       conv_bias=True),
        (1, 1, 70), wave,
    ),
}


def randomise(model, generator):
    """Replaces every parameter by noise: norms around 1, biases around 0, matrices wide enough to matter."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            if name.endswith("bias"):
                parameter.copy_(0.1 * noise)
            elif "norm" in name.lower() or "layer_scale" in name or "downsampling_layer.0" in name:
                parameter.copy_(1 + 0.15 * noise)
            elif "token" in name or "position" in name or "probe" in name or "class_embedding" in name:
                parameter.copy_(0.5 * noise)
            else:
                parameter.copy_(1.2 * noise / math.sqrt(parameter[0].numel()))
        for name, buffer in model.named_buffers():
            if name.endswith("running_mean"):
                buffer.copy_(0.2 * torch.randn(buffer.shape, generator=generator))
            elif name.endswith("running_var"):
                buffer.copy_(0.5 + torch.rand(buffer.shape, generator=generator))


def checkpoint_names(model, saved):
    """The checkpoint's name of each of the model's tensors: transformers renames some on saving."""
    names = {}
    for name, tensor in model.state_dict().items():
        if tensor.is_floating_point():
            [names[name]] = [k for k, v in saved.items() if v.shape == tensor.shape and torch.equal(v, tensor)]
    return names


class Run:
    """A model at the checkpoint's weights with a head of its own."""

    def __init__(self, name, state, head, dtype, training):
        model_class, config, _, self.states = MODELS[name]
        self.model = model_class(config)
        self.model.load_state_dict(state)
        self.model.to(dtype).train(training)
        self.head = torch.nn.Linear(head["weight"].shape[1], CLASSES)
        self.head.load_state_dict(head)
        self.head.to(dtype)
        self.dtype = dtype

    def loss(self, batch):
        self.tokens, self.pooled = self.states(self.model, batch["pixels"].to(self.dtype))
        self.logits = self.head(self.pooled)
        return torch.nn.functional.cross_entropy(self.logits, batch["labels"].long())

    def gradients(self, names):
        own = {names[k]: p.grad for k, p in self.model.named_parameters() if p.grad is not None}
        return own | {f"classifier.{k}": p.grad for k, p in self.head.named_parameters()}

    def ten_losses(self, batches):
        parameters = [p for p in self.model.parameters() if p.requires_grad]
        optimizer = torch.optim.AdamW(
            parameters + list(self.head.parameters()), lr=TRAINING["learningRate"], betas=tuple(TRAINING["betas"]),
            eps=TRAINING["epsilon"], weight_decay=TRAINING["weightDecay"],
        )
        losses = []
        for step in range(TRAINING["steps"]):
            optimizer.zero_grad()
            loss = self.loss(batches[step % len(batches)])
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return losses


def write(name, seed):
    model_class, config, shape, states = MODELS[name]
    generator = torch.Generator().manual_seed(seed)
    folder = HERE / name
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    model = model_class(config)
    randomise(model, generator)
    model.save_pretrained(folder)
    state = {k: v.clone() for k, v in model.state_dict().items()}
    names = checkpoint_names(model, safetensors.torch.load_file(folder / "model.safetensors"))
    batches = [
        {"pixels": torch.randn((n, *shape), generator=generator),
         "labels": torch.randint(0, CLASSES, (n,), generator=generator, dtype=torch.int32)}
        for n in BATCHES
    ]
    safetensors.torch.save_file(
        {f"{b}.{k}": v for b, batch in enumerate(batches) for k, v in batch.items()}, folder / "batches.safetensors"
    )
    with torch.no_grad():
        width = states(model.eval(), batches[0]["pixels"])[1].shape[1]
    head = {"weight": 0.3 * torch.randn((CLASSES, width), generator=generator),
            "bias": 0.1 * torch.randn((CLASSES,), generator=generator)}

    exact = Run(name, state, head, torch.float64, training=False)
    loss = exact.loss(batches[0])
    loss.backward()
    tensors = {f"classifier.{k}": v for k, v in head.items()}
    tensors |= {"tokens": exact.tokens, "pooled": exact.pooled, "logits": exact.logits}
    tensors |= {f"gradient.{k}": v for k, v in exact.gradients(names).items()}
    expected = {"training": TRAINING, "loss": loss.item(),
                "tenLosses": Run(name, state, head, torch.float32, training=False).ten_losses(batches)}

    averages = [k for k in state if k.endswith(("running_mean", "running_var"))]
    if averages:
        exact = Run(name, state, head, torch.float64, training=True)
        loss = exact.loss(batches[0])
        loss.backward()
        tensors |= {f"training.gradient.{k}": v for k, v in exact.gradients(names).items()}
        run = Run(name, state, head, torch.float32, training=True)
        expected["batchStatistics"] = {"loss": loss.item(), "tenLosses": run.ten_losses(batches)}
        after = run.model.state_dict()
        tensors |= {f"training.after.{names[k]}": after[k] for k in averages}

    # A key's bias shifts every score of a query alike, so its gradient is zero in theory; all others must not be.
    silent = [k for k, v in tensors.items() if v.abs().max() < 1e-7]
    assert all(k.endswith(("key.bias", "k_proj.bias")) for k in silent), silent
    safetensors.torch.save_file(
        {k: v.detach().to(torch.float32).contiguous() for k, v in tensors.items()}, folder / "expected.safetensors"
    )
    (folder / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
    print(name, sum(p.numel() for p in model.parameters()), "parameters", expected["tenLosses"])


if __name__ == "__main__":
    torch.set_num_threads(1)
    for chosen in sys.argv[1:] or list(MODELS):
        write(chosen, 2000 + list(MODELS).index(chosen))
    (HERE / "versions.json").write_text(
        json.dumps({"torch": torch.__version__, "transformers": transformers.__version__,
                    "python": sys.version.split()[0]}, indent=1) + "\n"
    )
