"""Writes the fixture of masked-language training: python test/golden/masked-language/generate.py

Needs torch 2.13, transformers 5 and safetensors. `fixtures` holds a small random BERT and what PyTorch computes with it:

- config.json, model.safetensors: the checkpoint, as transformers saves `BertForMaskedLM`.
- batches.safetensors, int32: four steps' rows, `<b>.ids` `[rows, tokens]` with words hidden, `<b>.guessed` and `<b>.answers`
  `[guesses]`: places in the rows, one row after the other, and what stood there. No row has padding.
- expected.safetensors, float32 from a float64 run: of batch 0 `logits` `[guesses, vocabulary]`, `gradient.<parameter>`.
- expected.json: the loss and the right guesses of each batch (float64); how it is trained, and ten losses of that (float32), the
  batches in turn: AdamW without decay of biases and norms, gradients clipped, the rate by a linear schedule with a warm-up.
"""

import json
import pathlib

import safetensors.torch
import torch
from transformers import BertConfig, BertForMaskedLM, get_linear_schedule_with_warmup

here = pathlib.Path(__file__).parent / "fixtures"
here.mkdir(exist_ok=True)
TRAINING = {
    "learningRate": 3e-3, "beta1": 0.9, "beta2": 0.98, "epsilon": 1e-6, "weightDecay": 0.05, "clipNorm": 1.0,
    "warmupSteps": 3, "totalSteps": 12, "steps": 10,
}
MASK = 4

generator = torch.Generator().manual_seed(20)
config = BertConfig(
    hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64, vocab_size=90,
    max_position_embeddings=24, pad_token_id=0, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
)
model = BertForMaskedLM(config)
with torch.no_grad():
    for name, parameter in model.named_parameters():
        noise = torch.randn(parameter.shape, generator=generator)
        if name.endswith("bias"):
            parameter.copy_(0.1 * noise)
        elif "LayerNorm" in name:
            parameter.copy_(1 + 0.1 * noise)
        else:
            parameter.copy_(0.15 * noise)
model.save_pretrained(here)
state = {name: value.clone() for name, value in model.state_dict().items()}


def make_batch(rows):
    ids = torch.randint(5, config.vocab_size, (rows, 24), generator=generator)
    ids[:, 0] = 2
    ids[:, -1] = 3
    chosen = torch.rand(ids.shape, generator=generator) < 0.15
    chosen[:, 0] = chosen[:, -1] = False
    chosen[0, 1] = True
    labels = torch.where(chosen, ids, torch.tensor(-100))
    hidden = torch.where(chosen & (torch.rand(ids.shape, generator=generator) < 0.8), torch.tensor(MASK), ids)
    return hidden, labels


batches = [make_batch(rows) for rows in (4, 2, 3, 4)]
tensors = {}
for b, (ids, labels) in enumerate(batches):
    guessed = (labels.flatten() >= 0).nonzero().flatten()
    tensors |= {
        f"{b}.ids": ids.int(),
        f"{b}.guessed": guessed.int(),
        f"{b}.answers": labels.flatten()[guessed].int(),
    }
safetensors.torch.save_file(tensors, here / "batches.safetensors")


def fresh(dtype):
    made = BertForMaskedLM(config)
    made.load_state_dict(state)
    made.tie_weights()
    made.train()
    return made.to(dtype)


double = fresh(torch.float64)
expected = {"training": TRAINING, "batches": []}
outputs = {}
for b, (ids, labels) in enumerate(batches):
    double.zero_grad()
    output = double(input_ids=ids, labels=labels)
    logits = output.logits.flatten(0, 1)[tensors[f"{b}.guessed"].long()]
    hits = int((logits.argmax(1) == tensors[f"{b}.answers"].long()).sum())
    expected["batches"].append({"loss": output.loss.item(), "hits": hits})
    if b == 0:
        output.loss.backward()
        outputs["logits"] = logits.detach().float().clone()
        for name, parameter in double.named_parameters():
            outputs[f"gradient.{name}"] = parameter.grad.float().clone()
safetensors.torch.save_file(outputs, here / "expected.safetensors")

single = fresh(torch.float32)
plain = [p for name, p in single.named_parameters() if name.endswith("bias") or "LayerNorm" in name]
decayed = [p for name, p in single.named_parameters() if not (name.endswith("bias") or "LayerNorm" in name)]
optimizer = torch.optim.AdamW(
    [{"params": decayed, "weight_decay": TRAINING["weightDecay"]}, {"params": plain, "weight_decay": 0.0}],
    lr=TRAINING["learningRate"], betas=(TRAINING["beta1"], TRAINING["beta2"]), eps=TRAINING["epsilon"],
)
schedule = get_linear_schedule_with_warmup(optimizer, TRAINING["warmupSteps"], TRAINING["totalSteps"])
losses = []
for step in range(TRAINING["steps"]):
    ids, labels = batches[step % len(batches)]
    optimizer.zero_grad()
    loss = single(input_ids=ids, labels=labels).loss
    loss.backward()
    torch.nn.utils.clip_grad_norm_(single.parameters(), TRAINING["clipNorm"])
    optimizer.step()
    schedule.step()
    losses.append(loss.item())
expected["losses"] = losses
(here / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
