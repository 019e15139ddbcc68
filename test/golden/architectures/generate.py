"""Writes the architecture fixtures: small random checkpoints and what PyTorch computes with them.

    python test/golden/architectures/generate.py

Each folder in fixtures holds one architecture:

- config.json, model.safetensors: the checkpoint, as transformers saves the model with its language-model head.
- batches.safetensors: three batches, `<b>.input_ids`, `<b>.attention_mask`, `<b>.token_type_ids` (BERT only)
  `[batch, tokens]`, `<b>.labels` `[batch]`, `<b>.lm_labels` `[batch, tokens]` (-100 is ignored). int32.
- expected.safetensors, float32 from a float64 run on the same weights:
  `classifier.weight` `[classes, width]`, `classifier.bias`: the linear head on the pooled hidden state, at its start;
  `hidden` `[batch, tokens, width]`, `logits.classification` `[batch, classes]`, `logits.lm` `[batch, tokens, vocabulary]`:
  of batch 0; rows of padding are zeroed, they mean nothing;
  `gradient.classification.<parameter>`, `gradient.lm.<parameter>`: of batch 0's loss, for every parameter used.
- expected.json: pooling, losses of batch 0 (float64), and ten losses of AdamW training (float32) for each task, batches
  in turn 0, 1, 2, 0 ...; every parameter decays.

Every parameter is noise of a size that matters (biases and norms too), so none can be forgotten unseen.
fixtures/versions.json says what wrote the files.
"""

import json
import math
import pathlib
import sys

import safetensors.torch
import torch
import transformers
from transformers import (
    BertConfig,
    BertForMaskedLM,
    DistilBertConfig,
    DistilBertForMaskedLM,
    GPT2Config,
    GPT2LMHeadModel,
    ModernBertConfig,
    ModernBertForMaskedLM,
    MPNetConfig,
    MPNetForMaskedLM,
    RobertaConfig,
    RobertaForMaskedLM,
    XLMRobertaConfig,
    XLMRobertaForMaskedLM,
)
from transformers.models.mpnet.modeling_mpnet import MPNetEncoder

HERE = pathlib.Path(__file__).parent / "fixtures"
CLASSES = 5
TRAINING = {"learningRate": 1e-3, "betas": [0.9, 0.999], "epsilon": 1e-8, "weightDecay": 0.01, "steps": 10}
SHAPES = [(3, 20), (2, 9), (4, 14)]  # batch, tokens: 20 reaches MPNet's logarithmic buckets

COMMON = dict(hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=48)
NO_DROPOUT = dict(hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)

ARCHITECTURES = {
    "bert": (
        BertForMaskedLM,
        BertConfig(**COMMON, **NO_DROPOUT, vocab_size=110, max_position_embeddings=24, pad_token_id=0),
        "cls",
    ),
    "roberta": (
        RobertaForMaskedLM,
        RobertaConfig(
            **COMMON, **NO_DROPOUT, vocab_size=120, max_position_embeddings=26, type_vocab_size=1,
            layer_norm_eps=1e-5, pad_token_id=1,
        ),
        "cls",
    ),
    "xlm-roberta": (
        XLMRobertaForMaskedLM,
        XLMRobertaConfig(
            **COMMON, **NO_DROPOUT, vocab_size=130, max_position_embeddings=26, type_vocab_size=1,
            layer_norm_eps=1e-5, pad_token_id=1,
        ),
        "mean",
    ),
    "distilbert": (
        DistilBertForMaskedLM,
        DistilBertConfig(
            vocab_size=110, dim=32, n_layers=2, n_heads=4, hidden_dim=48, max_position_embeddings=24,
            dropout=0.0, attention_dropout=0.0, pad_token_id=0,
        ),
        "mean",
    ),
    "mpnet": (
        MPNetForMaskedLM,
        MPNetConfig(**COMMON, **NO_DROPOUT, vocab_size=115, max_position_embeddings=26, layer_norm_eps=1e-5),
        "mean",
    ),
    "modernbert": (
        ModernBertForMaskedLM,
        ModernBertConfig(
            **{**COMMON, "num_hidden_layers": 3}, vocab_size=125, max_position_embeddings=64, local_attention=6,
            layer_types=["full_attention", "sliding_attention", "full_attention"],
            rope_parameters={
                "full_attention": {"rope_type": "default", "rope_theta": 1600.0},
                "sliding_attention": {"rope_type": "default", "rope_theta": 100.0},
            },
            pad_token_id=3, bos_token_id=1, cls_token_id=1, eos_token_id=2, sep_token_id=2,
        ),
        "cls",
    ),
    "gpt2": (
        GPT2LMHeadModel,
        GPT2Config(
            vocab_size=105, n_positions=24, n_embd=32, n_layer=2, n_head=4, n_inner=48,
            resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0, bos_token_id=0, eos_token_id=0,
        ),
        "mean",
    ),
}


def randomise(model, generator):
    """Replaces every parameter by noise: norms around 1, biases around 0, tables and matrices wide enough to matter."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            is_norm = "norm" in name.lower() or ".ln_" in name
            if name.endswith("bias") and "relative_attention" not in name:
                parameter.copy_(0.1 * noise)
            elif is_norm:
                parameter.copy_(1 + 0.15 * noise)
            elif "embedding" in name or ".wte" in name or ".wpe" in name or "relative_attention" in name:
                parameter.copy_(0.5 * noise)
            else:
                fan_in = parameter.shape[0] if ".c_" in name else parameter.shape[1]
                parameter.copy_(1.2 * noise / math.sqrt(fan_in))


def make_batches(name, config, generator):
    """Three batches with padding on the right; 15 % of tokens (at least one a batch) have a language-model label."""
    pad = config.pad_token_id if config.pad_token_id is not None else 0
    causal = name == "gpt2"
    batches = []
    for rows, tokens in SHAPES:
        lengths = torch.randint(tokens // 2, tokens + 1, (rows,), generator=generator)
        lengths[0] = tokens
        mask = (torch.arange(tokens)[None, :] < lengths[:, None]).int()
        ids = torch.randint(5, config.vocab_size, (rows, tokens), generator=generator).int()
        ids = torch.where(mask == 1, ids, torch.tensor(pad, dtype=torch.int32))
        batch = {
            "input_ids": ids,
            "attention_mask": mask,
            "labels": torch.randint(0, CLASSES, (rows,), generator=generator).int(),
        }
        if name == "bert":
            second = torch.arange(tokens)[None, :] >= (lengths[:, None] // 2)
            batch["token_type_ids"] = (second & (mask == 1)).int()
        if causal:
            batch["lm_labels"] = torch.where(mask == 1, ids, torch.tensor(-100, dtype=torch.int32))
        else:
            chosen = (torch.rand((rows, tokens), generator=generator) < 0.25) & (mask == 1)
            chosen[0, 1] = True
            targets = torch.randint(5, config.vocab_size, (rows, tokens), generator=generator).int()
            batch["lm_labels"] = torch.where(chosen, targets, torch.tensor(-100, dtype=torch.int32))
        batches.append(batch)
    return batches


def hidden_states(model, batch):
    inputs = {k: batch[k].long() for k in ("input_ids", "attention_mask", "token_type_ids") if k in batch}
    return model.base_model(**inputs).last_hidden_state


def classification(model, head, batch, pooling):
    hidden = hidden_states(model, batch)
    if pooling == "cls":
        pooled = hidden[:, 0]
    else:
        mask = batch["attention_mask"].to(hidden.dtype)[:, :, None]
        pooled = (hidden * mask).sum(1) / mask.sum(1)
    logits = head(pooled)
    return torch.nn.functional.cross_entropy(logits, batch["labels"].long()), logits, hidden


def language_model(model, batch):
    inputs = {k: batch[k].long() for k in ("input_ids", "attention_mask", "token_type_ids") if k in batch}
    output = model(**inputs, labels=batch["lm_labels"].long())
    return output.loss, output.logits


def new_model(model_class, config, state, dtype):
    model = model_class(config)
    missing = model.load_state_dict(state, strict=False)
    assert not missing.unexpected_keys, missing
    model.tie_weights()
    model.train()
    return model.to(dtype)


def new_head(width, weights, dtype):
    head = torch.nn.Linear(width, CLASSES)
    head.load_state_dict(weights)
    return head.to(dtype)


def named_parameters(model, saved):
    """Name and parameter, each once, a shared one under the name that the checkpoint has for it."""
    return [(name, p) for name, p in model.named_parameters(remove_duplicate=False) if name in saved]


def gradients(parameters):
    return {name: p.grad for name, p in parameters if p.grad is not None}


def ten_losses(parameters, loss_of_batch, batches):
    optimizer = torch.optim.AdamW(
        parameters, lr=TRAINING["learningRate"], betas=tuple(TRAINING["betas"]), eps=TRAINING["epsilon"],
        weight_decay=TRAINING["weightDecay"],
    )
    losses = []
    for step in range(TRAINING["steps"]):
        optimizer.zero_grad()
        loss = loss_of_batch(batches[step % len(batches)])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def write(name, seed):
    model_class, config, pooling = ARCHITECTURES[name]
    config._attn_implementation = "sdpa" if name != "mpnet" else "eager"
    generator = torch.Generator().manual_seed(seed)
    folder = HERE / name
    folder.mkdir(exist_ok=True)

    torch.manual_seed(seed)
    model = model_class(config)
    randomise(model, generator)
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    with safetensors.safe_open(folder / "model.safetensors", "pt") as checkpoint:
        saved = set(checkpoint.keys())
    state = {k: v.clone() for k, v in model.state_dict().items()}
    width = config.hidden_size
    head_weights = {
        "weight": torch.randn((CLASSES, width), generator=generator) * 0.3,
        "bias": torch.randn((CLASSES,), generator=generator) * 0.1,
    }
    batches = make_batches(name, config, generator)
    safetensors.torch.save_file(
        {f"{b}.{k}": v.contiguous() for b, batch in enumerate(batches) for k, v in batch.items()},
        folder / "batches.safetensors",
    )

    tensors = {f"classifier.{k}": v for k, v in head_weights.items()}
    first = batches[0]
    valid = first["attention_mask"][:, :, None].double()

    exact = new_model(model_class, config, state, torch.float64)
    head = new_head(width, head_weights, torch.float64)
    loss_c, logits_c, hidden = classification(exact, head, first, pooling)
    loss_c.backward()
    tensors["hidden"] = hidden.detach() * valid
    tensors["logits.classification"] = logits_c.detach()
    named = named_parameters(exact, saved) + [(f"classifier.{k}", p) for k, p in head.named_parameters()]
    for key, value in gradients(named).items():
        tensors[f"gradient.classification.{key}"] = value.clone()

    exact.zero_grad()
    loss_lm, logits_lm = language_model(exact, first)
    loss_lm.backward()
    tensors["logits.lm"] = logits_lm.detach() * valid
    for key, value in gradients(named_parameters(exact, saved)).items():
        tensors[f"gradient.lm.{key}"] = value.clone()
    unused = [k for k in saved if f"gradient.lm.{k}" not in tensors]
    assert not unused, unused
    # A key's bias shifts every score of a query alike, so its gradient is zero in theory; all others must not be.
    silent = [k for k, v in tensors.items() if v.abs().max() < 1e-7]
    key_bias = ("key.bias", "k_lin.bias", "attn.k.bias")
    assert all(k.endswith(key_bias) for k in silent), silent
    safetensors.torch.save_file(
        {k: v.to(torch.float32).contiguous() for k, v in tensors.items()}, folder / "expected.safetensors"
    )

    trained = new_model(model_class, config, state, torch.float32)
    head = new_head(width, head_weights, torch.float32)
    used = [p for k, p in named_parameters(trained, saved) if f"gradient.classification.{k}" in tensors]
    classification_losses = ten_losses(
        used + list(head.parameters()), lambda b: classification(trained, head, b, pooling)[0], batches
    )
    trained = new_model(model_class, config, state, torch.float32)
    lm_losses = ten_losses(list(trained.parameters()), lambda b: language_model(trained, b)[0], batches)

    expected = {
        "pooling": pooling,
        "training": TRAINING,
        "classification": {"loss": loss_c.item(), "tenLosses": classification_losses},
        "lm": {"loss": loss_lm.item(), "tenLosses": lm_losses},
    }
    if name == "mpnet":
        distances = torch.arange(-300, 301)
        buckets = MPNetEncoder.relative_position_bucket(distances, num_buckets=32)
        expected["relativePositionBuckets"] = {"from": -300, "buckets": buckets.tolist()}
    (folder / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
    print(name, sum(p.numel() for p in model.parameters()), "parameters", classification_losses, lm_losses)


if __name__ == "__main__":
    torch.set_num_threads(1)
    chosen = sys.argv[1:] or list(ARCHITECTURES)
    for architecture in chosen:
        write(architecture, 1000 + list(ARCHITECTURES).index(architecture))
    (HERE / "versions.json").write_text(
        json.dumps({"torch": torch.__version__, "transformers": transformers.__version__,
                    "python": sys.version.split()[0]}, indent=1) + "\n"
    )
