"""Writes the fixtures of the safetensors tests: python test/golden/safetensors/generate.py

Needs torch 2.13 and safetensors 0.8. `read.safetensors` has a tensor of each dtype, with its numbers as float64 in
`read.json`. `write-*.safetensors` are what `save_file` makes of the float32 numbers in `write.json`, cast to each dtype:
our writer must produce the same bytes.
"""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file

here = Path(__file__).parent / "fixtures"
here.mkdir(exist_ok=True)
torch.manual_seed(7)

read = {
    "f32": torch.randn(3, 4),
    "f16": torch.tensor([0.0, -0.0, 1.0, 65504.0, 6.1e-5, 5.96e-8, -3.14159, 0.1]).half(),
    "bf16": torch.tensor([0.0, 1.0, 3.0e38, 1.0e-40, -2.718281828, 0.1]).bfloat16(),
    "f64": torch.randn(2, 1, 3, dtype=torch.float64),
    "i64": torch.tensor([[0, 1, -7, 16777216]]),
    "i32": torch.tensor([5, -6], dtype=torch.int32),
    "u8": torch.tensor([0, 255], dtype=torch.uint8),
    "bool": torch.tensor([True, False, True]),
    "scalar": torch.tensor(2.5),
    "empty": torch.zeros(0, 5),
    "ünïcode \"name\"": torch.ones(2),
}
save_file(read, here / "read.safetensors", {"format": "pt", "note": "a \\ quote \""})
(here / "read.json").write_text(
    json.dumps({n: {"shape": list(t.shape), "values": t.double().flatten().tolist()} for n, t in read.items()}, indent=1)
)

hard = [0.0, -0.0, 1.0, 1.00048828125, 1.000732421875, 65503.9, 65519.0, 6.103515625e-05, 6.1e-05, 5.9604645e-08, 2.9802322e-08,
        2.98023224e-08, 8.94e-08, 1e-10, 0.33333334, -0.1, 1.00390625, 1.01171875, 1.5e-39, 3.1e4]
write = {"a": torch.tensor(hard), "b.weight": torch.randn(5, 3), "c": torch.randn(64) * 1e-6}
(here / "write.json").write_text(
    json.dumps({n: {"shape": list(t.shape), "values": t.flatten().tolist()} for n, t in write.items()}, indent=1)
)
for name, dtype in {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}.items():
    save_file({n: t.to(dtype) for n, t in write.items()}, here / f"write-{name}.safetensors", {"format": "pt"})
