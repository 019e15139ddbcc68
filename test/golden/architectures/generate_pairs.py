"""Writes the fixtures of models with a tower for pictures and one for texts, as PyTorch computes them.

    python test/golden/architectures/generate_pairs.py

Each folder in pairs holds one model:

- config.json, model.safetensors: the checkpoint, as transformers saves the model.
- batches.safetensors: three batches, `<b>.pixels` `[batch, 3, height, width]` float32, `<b>.ids` and `<b>.mask`
  `[batch, tokens]` int32. Padding is on the right; CLIP's padding token is its end token, as in the real ones.
- expected.safetensors, float32 from a float64 run on the same weights, for batch 0:
  `pictures`, `texts` `[batch, size]`: the vectors of the common space, not normalised; `logits` `[texts, pictures]`;
  `hidden` `[batch, tokens, width]`: of the text tower, rows of padding zeroed; `gradient.<parameter>`: of the loss, for
  every parameter.
- expected.json: the model's own loss of batch 0 (float64) and ten losses of AdamW training (float32), batches in turn.

SigLIP gets its texts padded to the whole position table and no mask, as its tokenizer makes them.
"""

import json
import math
import pathlib

import safetensors.torch
import torch
import transformers
from transformers import CLIPConfig, CLIPModel, SiglipConfig, SiglipModel

HERE = pathlib.Path(__file__).parent / "pairs"
TRAINING = {"learningRate": 1e-3, "betas": [0.9, 0.999], "epsilon": 1e-8, "weightDecay": 0.01, "steps": 10}
SHAPES = [(3, 7), (2, 9), (4, 5)]
VOCABULARY = 50
END = VOCABULARY - 1

TOWER = dict(hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=40)
TEXT = dict(
    **TOWER | {"hidden_size": 16, "num_attention_heads": 2}, vocab_size=VOCABULARY, max_position_embeddings=10,
    eos_token_id=END, bos_token_id=0,
)
VISION = dict(**TOWER, image_size=16, patch_size=8)

MODELS = {
    "clip": (CLIPModel, CLIPConfig(text_config=TEXT | {"pad_token_id": END}, vision_config=VISION, projection_dim=12)),
    "siglip": (
        SiglipModel,
        SiglipConfig(text_config=TEXT | {"pad_token_id": 1, "projection_size": 24}, vision_config=VISION),
    ),
}


def randomise(model, generator):
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            if name in ("logit_scale", "logit_bias"):
                parameter.copy_(0.7 + 0.1 * noise)
            elif name.endswith("bias"):
                parameter.copy_(0.1 * noise)
            elif "norm" in name:
                parameter.copy_(1 + 0.15 * noise)
            elif "embedding" in name and "patch" not in name or "probe" in name:
                parameter.copy_(0.5 * noise)
            else:
                parameter.copy_(1.2 * noise / math.sqrt(parameter[0].numel()))


def make_batch(n, tokens, padding, generator):
    ids = torch.randint(3, END, (n, tokens), generator=generator)
    lengths = torch.randint(3, tokens + 1, (n,), generator=generator)
    lengths[0] = tokens
    place = torch.arange(tokens)
    mask = (place < lengths[:, None]).int()
    ids[torch.arange(n), lengths - 1] = END
    ids = torch.where(mask == 1, ids, padding)
    return {"pixels": torch.randn((n, 3, 16, 16), generator=generator), "ids": ids.int(), "mask": mask}


def run(name, model, batch, dtype):
    """Vectors of pictures and texts, hidden states of texts, and the model's output with its loss."""
    ids, pixels = batch["ids"].long(), batch["pixels"].to(dtype)
    inputs = {"attention_mask": batch["mask"]}
    if name == "siglip":
        config = model.config.text_config
        pad = config.max_position_embeddings - ids.shape[1]
        ids, inputs = torch.nn.functional.pad(ids, (0, pad), value=config.pad_token_id), {}
    pictures = model.vision_model(pixel_values=pixels).pooler_output
    text = model.text_model(input_ids=ids, **inputs)
    texts = text.pooler_output
    if name == "clip":
        pictures, texts = model.visual_projection(pictures), model.text_projection(texts)
    output = model(input_ids=ids, pixel_values=pixels, return_loss=True, **inputs)
    hidden = text.last_hidden_state[:, : batch["mask"].shape[1]] * batch["mask"][:, :, None]
    return pictures, texts, hidden, output


def write(name, seed):
    model_class, config = MODELS[name]
    config._attn_implementation = "eager"
    generator = torch.Generator().manual_seed(seed)
    folder = HERE / name
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    model = model_class(config)
    randomise(model, generator)
    model.save_pretrained(folder)
    state = {k: v.clone() for k, v in model.state_dict().items()}
    padding = config.text_config.pad_token_id
    batches = [make_batch(n, tokens, padding, generator) for n, tokens in SHAPES]
    safetensors.torch.save_file(
        {f"{b}.{k}": v.contiguous() for b, batch in enumerate(batches) for k, v in batch.items()},
        folder / "batches.safetensors",
    )

    exact = model_class(config)
    exact.load_state_dict(state)
    exact.to(torch.float64).train()
    pictures, texts, hidden, output = run(name, exact, batches[0], torch.float64)
    output.loss.backward()
    tensors = {"pictures": pictures, "texts": texts, "hidden": hidden, "logits": output.logits_per_text}
    tensors |= {f"gradient.{k}": p.grad for k, p in exact.named_parameters()}
    silent = [k for k, v in tensors.items() if v.abs().max() < 1e-7]
    assert all(k.endswith("k_proj.bias") for k in silent), silent
    safetensors.torch.save_file(
        {k: v.detach().to(torch.float32).contiguous() for k, v in tensors.items()}, folder / "expected.safetensors"
    )

    trained = model_class(config)
    trained.load_state_dict(state)
    trained.train()
    optimizer = torch.optim.AdamW(
        trained.parameters(), lr=TRAINING["learningRate"], betas=tuple(TRAINING["betas"]), eps=TRAINING["epsilon"],
        weight_decay=TRAINING["weightDecay"],
    )
    losses = []
    for step in range(TRAINING["steps"]):
        optimizer.zero_grad()
        loss = run(name, trained, batches[step % len(batches)], torch.float32)[3].loss
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    expected = {"training": TRAINING, "loss": output.loss.item(), "tenLosses": losses}
    (folder / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
    print(name, sum(p.numel() for p in model.parameters()), "parameters", losses)


if __name__ == "__main__":
    torch.set_num_threads(1)
    for number, chosen in enumerate(MODELS):
        write(chosen, 3000 + number)
    (HERE / "versions.json").write_text(
        json.dumps({"torch": torch.__version__, "transformers": transformers.__version__}, indent=1) + "\n"
    )
