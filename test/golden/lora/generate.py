"""Writes the fixtures of test/golden/lora.test.ts: PEFT adapters over the random checkpoints of ../architectures.

    python test/golden/lora/generate.py            # needs torch, transformers, peft
    python test/golden/lora/generate.py --load DIR # loads what Attune saved of them over the checkpoints, and compares:
                                                   # ATTUNE_KEEP_ADAPTERS=DIR npx vitest run test/golden/lora.test.ts

A folder a case:
- adapter_config.json, adapter_model.safetensors: what PEFT saved; A and B are noise of a size that matters.
- expected.json: which checkpoint it stands over, and ten losses (float32) of AdamW training of A, B and the linear head on the
  checkpoint's own batches, in turn; weight decay on all.
- expected.safetensors: `hidden` [batch, tokens, width] of batch 1 with the adapter (float64, written as float32; rows of
  padding zeroed); of pictures, `pooled` [batch, width] of batch 1.
versions.json says what wrote the files.
"""

import json
import pathlib
import sys

import peft
import safetensors.torch
import torch
import transformers
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoConfig, AutoModel

HERE = pathlib.Path(__file__).parent
ARCHITECTURES = HERE.parent / "architectures"
TRAINING = {"learningRate": 1e-3, "betas": [0.9, 0.999], "epsilon": 1e-8, "weightDecay": 0.01}
STEPS = 10

# name -> checkpoint, pooling, what LoraConfig is given
CASES = {
    "bert": ("fixtures/bert", "cls", dict(r=4, lora_alpha=8, target_modules=["query", "value"], lora_dropout=0.1)),
    "roberta": ("fixtures/roberta", "cls", dict(r=2, lora_alpha=8, target_modules="all-linear")),
    "distilbert": ("fixtures/distilbert", "mean", dict(r=2, lora_alpha=3, target_modules=["q_lin", "v_lin", "lin1"])),
    "mpnet": (
        "fixtures/mpnet", "mean",
        dict(r=2, lora_alpha=8, target_modules=r".*\.attn\.[qko]"),
    ),
    "modernbert": ("fixtures/modernbert", "cls", dict(r=2, lora_alpha=8, target_modules=["Wqkv", "Wo", "Wi"])),
    "gpt2": ("fixtures/gpt2", "mean", dict(r=4, lora_alpha=8, target_modules=["c_attn", "c_fc", "c_proj"], use_rslora=True)),
    "last-layer": (
        "fixtures/bert", "cls",
        dict(r=2, lora_alpha=8, target_modules=["query", "dense"], layers_to_transform=[1]),
    ),
    "vit": ("pictures/vit", "picture", dict(r=2, lora_alpha=8, target_modules=["q_proj", "v_proj", "fc2"])),
}


def base_model(checkpoint, dtype):
    folder = ARCHITECTURES / checkpoint
    config = AutoConfig.from_pretrained(folder)
    config._attn_implementation = "eager" if config.model_type == "mpnet" else "sdpa"
    options = {} if config.model_type in ("distilbert", "modernbert", "gpt2") else {"add_pooling_layer": False}
    model = AutoModel.from_pretrained(folder, config=config, dtype=torch.float32, **options)
    return model.train().to(dtype)


def batches_of(checkpoint):
    tensors = safetensors.torch.load_file(ARCHITECTURES / checkpoint / "batches.safetensors")
    count = 1 + max(int(name.split(".")[0]) for name in tensors)
    return [{k.split(".", 1)[1]: v for k, v in tensors.items() if k.startswith(f"{b}.")} for b in range(count)]


def states(model, batch, pooling):
    """Hidden states and what the head reads."""
    if pooling == "picture":
        hidden = model(pixel_values=batch["pixels"].to(model.dtype)).last_hidden_state
        return hidden, hidden[:, 0]
    inputs = {k: batch[k].long() for k in ("input_ids", "attention_mask", "token_type_ids") if k in batch}
    hidden = model(**inputs).last_hidden_state
    if pooling == "cls":
        return hidden, hidden[:, 0]
    mask = batch["attention_mask"].to(hidden.dtype)[:, :, None]
    return hidden, (hidden * mask).sum(1) / mask.sum(1)


def expected_states(model, batch, pooling):
    model.eval()
    with torch.no_grad():
        hidden, pooled = states(model, batch, pooling)
    if pooling == "picture":
        return {"pooled": pooled.to(torch.float32).contiguous()}
    valid = batch["attention_mask"][:, :, None].double()
    return {"hidden": (hidden * valid).to(torch.float32).contiguous()}


def ten_losses(model, checkpoint, batches, pooling):
    given = safetensors.torch.load_file(ARCHITECTURES / checkpoint / "expected.safetensors")
    head = torch.nn.Linear(given["classifier.weight"].shape[1], given["classifier.weight"].shape[0])
    head.load_state_dict({"weight": given["classifier.weight"], "bias": given["classifier.bias"]})
    trained = [p for p in model.parameters() if p.requires_grad] + list(head.parameters())
    optimizer = torch.optim.AdamW(
        trained, lr=TRAINING["learningRate"], betas=tuple(TRAINING["betas"]), eps=TRAINING["epsilon"],
        weight_decay=TRAINING["weightDecay"],
    )
    # Dropout off: its masks are not ours.
    model.eval()
    losses = []
    for step in range(STEPS):
        batch = batches[step % len(batches)]
        optimizer.zero_grad()
        logits = head(states(model, batch, pooling)[1])
        loss = torch.nn.functional.cross_entropy(logits, batch["labels"].long())
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def write(name, seed):
    checkpoint, pooling, options = CASES[name]
    folder = HERE / name
    generator = torch.Generator().manual_seed(seed)
    model = get_peft_model(base_model(checkpoint, torch.float32), LoraConfig(**options))
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            if "lora_" in key:
                parameter.copy_(0.2 * torch.randn(parameter.shape, generator=generator))
    model.save_pretrained(folder)
    (folder / "README.md").unlink()
    config = json.loads((folder / "adapter_config.json").read_text())
    config["base_model_name_or_path"] = None
    if isinstance(config["target_modules"], list):
        config["target_modules"].sort()  # PEFT writes a set in any order
    (folder / "adapter_config.json").write_text(json.dumps(config, indent=2) + "\n")
    batches = batches_of(checkpoint)
    exact = PeftModel.from_pretrained(base_model(checkpoint, torch.float64), folder).to(torch.float64)
    safetensors.torch.save_file(expected_states(exact, batches[1], pooling), folder / "expected.safetensors")
    trained = PeftModel.from_pretrained(base_model(checkpoint, torch.float32), folder, is_trainable=True)
    losses = ten_losses(trained, checkpoint, batches, pooling)
    expected = {"checkpoint": checkpoint, "pooling": pooling, "training": TRAINING, "tenLosses": losses}
    (folder / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
    print(name, losses)


def load(name, folder):
    """What PEFT makes of an adapter that Attune saved, against the one it was read from."""
    checkpoint, pooling, _ = CASES[name]
    model = PeftModel.from_pretrained(base_model(checkpoint, torch.float64), folder / name).to(torch.float64)
    got = expected_states(model, batches_of(checkpoint)[1], pooling)
    for key, want in safetensors.torch.load_file(HERE / name / "expected.safetensors").items():
        error = ((got[key] - want).abs().max() / want.abs().max()).item()
        print(name, key, f"{error:.1e}")
        assert error < 1e-6, name


if __name__ == "__main__":
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    if sys.argv[1:2] == ["--load"]:
        for case in CASES:
            load(case, pathlib.Path(sys.argv[2]))
    else:
        for case in CASES:
            write(case, 2000 + list(CASES).index(case))
        (HERE / "versions.json").write_text(
            json.dumps({"torch": torch.__version__, "transformers": transformers.__version__,
                        "peft": peft.__version__, "python": sys.version.split()[0]}, indent=1) + "\n"
        )
