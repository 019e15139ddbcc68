"""Writes the fixture of the decoding tests: a small random GPT-2 and what transformers' `generate` makes of it.

    python test/golden/generation/generate.py

- fixtures/config.json, model.safetensors: the checkpoint, as GPT2LMHeadModel saves it. The end-of-text row of the word
  table leans to the mean hidden state, so that texts do end.
- fixtures/expected.json: `prompts`; `logProbabilities` of the token after each prompt (float64 run), the prompts alone;
  `cases`: the arguments of `generate`, and for each prompt the new tokens and the score of the best text as transformers
  has them (beam search only: the log-probability divided by its length to the power of the length penalty). Prompts are
  decoded in one batch, padding on the left.

fixtures/versions.json says what wrote the files.
"""

import json
import math
import pathlib
import sys

import torch
import transformers
from transformers import GPT2Config, GPT2LMHeadModel

HERE = pathlib.Path(__file__).parent / "fixtures"
END = 0
VOCABULARY = 60

CASES = [
    {"num_beams": 1, "max_new_tokens": 12},
    {"num_beams": 1, "max_new_tokens": 16, "no_repeat_ngram_size": 2},
    {"num_beams": 2, "max_new_tokens": 12, "length_penalty": 1.0, "early_stopping": False},
    {"num_beams": 4, "max_new_tokens": 12, "length_penalty": 1.0, "early_stopping": False},
    {"num_beams": 4, "max_new_tokens": 12, "length_penalty": 1.0, "early_stopping": True},
    {"num_beams": 4, "max_new_tokens": 12, "length_penalty": 1.0, "early_stopping": "never"},
    {"num_beams": 4, "max_new_tokens": 12, "length_penalty": 0.0, "early_stopping": "never"},
    {"num_beams": 4, "max_new_tokens": 12, "length_penalty": 2.0, "early_stopping": False},
    {"num_beams": 4, "max_new_tokens": 12, "length_penalty": -1.0, "early_stopping": False},
    {"num_beams": 3, "max_new_tokens": 16, "length_penalty": 1.0, "early_stopping": False, "no_repeat_ngram_size": 2},
    {"num_beams": 5, "max_new_tokens": 1, "length_penalty": 1.0, "early_stopping": False},
]


def build(generator):
    config = GPT2Config(
        vocab_size=VOCABULARY, n_positions=48, n_embd=32, n_layer=2, n_head=4, n_inner=48,
        resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0, bos_token_id=END, eos_token_id=END,
    )
    model = GPT2LMHeadModel(config).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            if name.endswith("bias"):
                parameter.copy_(0.1 * noise)
            elif ".ln_" in name:
                parameter.copy_(1 + 0.15 * noise)
            elif ".wte" in name or ".wpe" in name:
                parameter.copy_(0.4 * noise)
            else:
                parameter.copy_(1.2 * noise / math.sqrt(parameter.shape[0]))
        sample = torch.randint(1, VOCABULARY, (64, 12), generator=generator)
        hidden = model.transformer(sample).last_hidden_state.reshape(-1, 32)
        centre = hidden.mean(0)
        # Texts end now and then: the score of the end is about that of a fairly good token.
        model.transformer.wte.weight[END] = 3.8 * centre / centre.norm() ** 2
    return model


def main():
    generator = torch.Generator().manual_seed(20240607)
    model = build(generator)
    prompts = [torch.randint(1, VOCABULARY, (n,), generator=generator).tolist() for n in (3, 9, 6, 1, 7, 5, 8, 4)]
    width = max(map(len, prompts))
    ids = torch.tensor([[END] * (width - len(p)) + p for p in prompts])
    mask = torch.tensor([[0] * (width - len(p)) + [1] * len(p) for p in prompts])
    HERE.mkdir(exist_ok=True)
    model.save_pretrained(HERE)
    (HERE / "generation_config.json").unlink(missing_ok=True)
    cases = []
    for case in CASES:
        beams = case["num_beams"] > 1
        result = model.generate(
            ids, attention_mask=mask, do_sample=False, pad_token_id=END, return_dict_in_generate=True,
            output_scores=True, **case,
        )
        texts = []
        for row in result.sequences[:, width:].tolist():
            texts.append(row[: row.index(END)] if END in row else row)
        cases.append({
            "arguments": case,
            "texts": texts,
            **({"scores": [float(x) for x in result.sequences_scores]} if beams else {}),
        })
    double = model.double()
    with torch.no_grad():
        first = [torch.log_softmax(double(torch.tensor([p])).logits[0, -1], -1).tolist() for p in prompts]
    expected = {"end": END, "prompts": prompts, "logProbabilities": first, "cases": cases}
    (HERE / "expected.json").write_text(json.dumps(expected) + "\n")
    versions = {"python": sys.version.split()[0], "torch": torch.__version__, "transformers": transformers.__version__}
    (HERE / "versions.json").write_text(json.dumps(versions, indent=2) + "\n")
    lengths = [len(t) for case in cases for t in case["texts"]]
    print("lengths of texts", sorted(lengths))


main()
