"""attune-image-small (src/models/architectures/small-image.ts) in PyTorch, parameter names included."""

import json

import safetensors.torch
import torch
from torch.nn.functional import avg_pool2d, relu


class Layer(torch.nn.Module):
    def __init__(self, inner, out, kernel, stride):
        super().__init__()
        self.convolution = torch.nn.Conv2d(inner, out, kernel, stride=stride, padding=kernel // 2, bias=False)
        self.norm = torch.nn.BatchNorm2d(out)

    def forward(self, x):
        return self.norm(self.convolution(x))


class Block(torch.nn.Module):
    def __init__(self, inner, out, stride):
        super().__init__()
        self.stride = stride
        self.add_module("0", Layer(inner, out, 3, stride))
        self.add_module("1", Layer(out, out, 3, 1))
        self.shortcut = Layer(inner, out, 1, 1) if inner != out else torch.nn.Identity()

    def forward(self, x):
        y = self._modules["1"](relu(self._modules["0"](x)))
        if self.stride == 2:
            height, width = x.shape[2:]
            x = avg_pool2d(torch.nn.functional.pad(x, (0, width % 2, 0, height % 2)), 2)
        return relu(y + self.shortcut(x))


class Stage(torch.nn.Module):
    def __init__(self, blocks):
        super().__init__()
        self.blocks = torch.nn.Sequential(*blocks)

    def forward(self, x):
        return self.blocks(x)


class SmallImage(torch.nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        widths, depths = config["hidden_sizes"], config["depths"]
        self.stem = torch.nn.ModuleList(
            [Layer(config["num_channels"], config["stem_size"], 3, 2), Layer(config["stem_size"], widths[0], 3, 2)]
        )
        self.stages = torch.nn.Sequential(*[
            Stage([Block(widths[max(i - 1, 0)] if j == 0 else width, width, 2 if i > 0 and j == 0 else 1)
                   for j in range(depth)])
            for i, (width, depth) in enumerate(zip(widths, depths))
        ])

    def forward(self, pixels):
        return self.stages(relu(self.stem[1](relu(self.stem[0](pixels)))))

    def save_pretrained(self, folder):
        (folder / "config.json").write_text(json.dumps(self.config, indent=2) + "\n")
        safetensors.torch.save_file(self.state_dict(), folder / "model.safetensors")
