"""Writes a checkpoint as transformers.js wants it: onnx/model.onnx, and onnx/model_quantized.onnx (dynamic int8)."""
import os
import shutil
import sys
import warnings

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from transformers import AutoModel

warnings.filterwarnings("ignore")
checkpoint, folder = sys.argv[1:3]
os.makedirs(os.path.join(folder, "onnx"), exist_ok=True)
for name in os.listdir(checkpoint):
    if name.endswith(".json") or name == "vocab.txt":
        shutil.copy(os.path.join(checkpoint, name), folder)


class Hidden(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.model = AutoModel.from_pretrained(checkpoint, attn_implementation="eager").eval()

    def forward(self, input_ids, attention_mask, token_type_ids):
        return self.model(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state


names = ["input_ids", "attention_mask", "token_type_ids"]
ids = torch.ones(2, 8, dtype=torch.long)
full, small = (os.path.join(folder, "onnx", f"model{end}.onnx") for end in ("", "_quantized"))
torch.onnx.export(
    Hidden(),
    (ids, ids, ids * 0),
    full,
    input_names=names,
    output_names=["last_hidden_state"],
    dynamic_axes={name: {0: "batch", 1: "sequence"} for name in [*names, "last_hidden_state"]},
    opset_version=14,
    dynamo=False,
)
quantize_dynamic(full, small, weight_type=QuantType.QInt8)
