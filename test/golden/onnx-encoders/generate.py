"""Writes ONNX files as PyTorch exports them, to be read as frozen encoders, and what each gives of one input.

    pip install torch onnx
    python test/golden/onnx-encoders/generate.py

- vectors/: a small network of pictures 3 x 32 x 32; its outputs are `logits` [batch, 5] and `pooler_output` [batch, 12]
- tokens/: patches of such pictures; one output, [batch, 16, 12]
- map/: convolutions alone, a batch of 1; one output, [1, 12, 8, 8]
- bands/: log-mel as Whisper's extractor makes it, [batch, 20, 100]; one output, [batch, 100, 12]
- two-inputs/: needs a second input, which no picture gives

Each folder has preprocessor_config.json beside model.onnx; expected.json holds, for an input whose number i is sin(i), the vector
that it should make. versions.json says what wrote the files.
"""

import json
import math
import pathlib

import torch
from torch import nn

HERE = pathlib.Path(__file__).parent
PICTURES = {"image_processor_type": "ViTImageProcessor", "size": {"height": 32, "width": 32}}
SOUNDS = {"feature_extractor_type": "WhisperFeatureExtractor", "feature_size": 20, "chunk_length": 1}


class Vectors(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 12, 8, stride=8), nn.GELU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.head = nn.Linear(12, 5)

    def forward(self, pixels):
        pooled = self.body(pixels)
        return self.head(pooled), pooled


class Tokens(nn.Module):
    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(3, 12, 8, stride=8)
        self.norm = nn.LayerNorm(12)

    def forward(self, pixels):
        return self.norm(self.patches(pixels).flatten(2).transpose(1, 2))


class Bands(nn.Module):
    def __init__(self):
        super().__init__()
        self.along = nn.Conv1d(20, 12, 3, padding=1)

    def forward(self, bands):
        return torch.relu(self.along(bands)).transpose(1, 2)


class Scaled(nn.Module):
    def forward(self, pixels, scale):
        return (pixels * scale).mean((2, 3))


def write(name, model, shape, preprocessor, vector, inputs=("pixel_values",), outputs=("features",), dynamic=True):
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    example = [torch.zeros(1, *shape), *[torch.ones(1) for _ in inputs[1:]]]
    axes = {each: {0: "batch"} for each in [inputs[0], *outputs]} if dynamic else None
    torch.onnx.export(
        model.eval(), tuple(example), folder / "model.onnx", input_names=list(inputs), output_names=list(outputs),
        dynamic_axes=axes, dynamo=False,
    )
    (folder / "preprocessor_config.json").write_text(json.dumps(preprocessor, indent=2) + "\n")
    if vector is not None:
        size = math.prod(shape)
        data = torch.sin(torch.arange(size, dtype=torch.float64)).float().reshape(1, *shape)
        with torch.no_grad():
            expected = vector(model(data))[0].tolist()
        (folder / "expected.json").write_text(json.dumps(expected) + "\n")


torch.manual_seed(5)
picture = (3, 32, 32)
write("vectors", Vectors(), picture, PICTURES, lambda out: out[1], outputs=("logits", "pooler_output"))
write("tokens", Tokens(), picture, PICTURES, lambda out: out.mean(1))
write("map", nn.Sequential(nn.Conv2d(3, 12, 4, stride=4), nn.Tanh()), picture, PICTURES,
      lambda out: out.mean((2, 3)), dynamic=False)
write("bands", Bands(), (20, 100), SOUNDS, lambda out: out.mean(1), inputs=("input_features",))
write("two-inputs", Scaled(), picture, PICTURES, None, inputs=("pixel_values", "scale"))
(HERE / "versions.json").write_text(json.dumps({"torch": torch.__version__}, indent=2) + "\n")
