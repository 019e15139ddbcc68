"""Peer of bench/train-step: the picture classifier of bench/training/picture-classifier.ts in PyTorch.

Reads one JSON object a line and answers each with one:
{build: {encoder, statistics: kept | batch, classes, batch, threads}, learningRate, weightDecay} -> {parameters}
{steps: n, precision: fp32 | bf16} -> {ms: [...]}
{matmul: n, precision} -> {ms} of a product of two n x n matrices

Pictures and convolutions are in the channels-last layout, the faster one here. attune-image-small's layers stand below.
"""

import time

import torch
from torch.nn.functional import avg_pool2d, cross_entropy, pad, relu
from transformers import AutoConfig, AutoModel
from answering import serve
from matmul import matmul


def layer(inner, out, kernel, stride):
    convolution = torch.nn.Conv2d(inner, out, kernel, stride=stride, padding=kernel // 2, bias=False)
    return torch.nn.Sequential(convolution, torch.nn.BatchNorm2d(out))


class Block(torch.nn.Module):
    def __init__(self, inner, out, stride):
        super().__init__()
        self.halves = stride == 2
        self.first = layer(inner, out, 3, stride)
        self.second = layer(out, out, 3, 1)
        self.shortcut = layer(inner, out, 1, 1) if inner != out else torch.nn.Identity()

    def forward(self, x):
        y = self.second(relu(self.first(x)))
        if self.halves:
            x = avg_pool2d(pad(x, (0, x.shape[3] % 2, 0, x.shape[2] % 2)), 2)
        return relu(y + self.shortcut(x))


class SmallImage(torch.nn.Module):
    def __init__(self, num_channels=3, stem_size=32, hidden_sizes=(48, 96, 192, 384), depths=(1, 1, 1, 1), **_):
        super().__init__()
        parts = [layer(num_channels, stem_size, 3, 2), torch.nn.ReLU(),
                 layer(stem_size, hidden_sizes[0], 3, 2), torch.nn.ReLU()]
        inner = hidden_sizes[0]
        for stage, (out, depth) in enumerate(zip(hidden_sizes, depths)):
            for i in range(depth):
                parts.append(Block(inner, out, 2 if stage > 0 and i == 0 else 1))
                inner = out
        self.width = inner
        self.parts = torch.nn.Sequential(*parts)

    def forward(self, pixels):
        return self.parts(pixels).mean((2, 3))


class Pooled(torch.nn.Module):
    """A model of transformers as its picture's vector: the class token, or the mean of the pixels."""

    def __init__(self, config):
        super().__init__()
        options = {"add_pooling_layer": False} if config.model_type in ("vit", "deit") else {}
        self.model = AutoModel.from_config(config, **options)
        self.width = getattr(config, "hidden_size", None) or config.hidden_sizes[-1]

    def forward(self, pixels):
        output = self.model(pixel_values=pixels)
        pooled = output.get("pooler_output")
        return output.last_hidden_state[:, 0] if pooled is None else pooled.flatten(1)


class Training:
    def __init__(self, request):
        plan = request["build"]
        torch.set_num_threads(plan["threads"])
        torch.manual_seed(1)
        config = dict(plan["encoder"])
        model_type = config.pop("model_type")
        size = (config.get("image_height"), config.get("image_width"))
        if model_type == "attune-image-small":
            encoder = SmallImage(**config)
        else:
            size = (config["image_size"], config["image_size"])
            encoder = Pooled(AutoConfig.for_model(model_type, **config))
        self.model = torch.nn.Sequential(encoder, torch.nn.Linear(encoder.width, plan["classes"]))
        self.model.train().to(memory_format=torch.channels_last)
        for module in self.model.modules():
            if isinstance(module, torch.nn.BatchNorm2d) and plan["statistics"] == "kept":
                module.eval()
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), lr=request["learningRate"], weight_decay=request["weightDecay"], fused=True
        )
        shape = (plan["batch"], config.get("num_channels", 3), *size)
        self.pixels = torch.randn(shape).to(memory_format=torch.channels_last)
        self.labels = torch.randint(0, plan["classes"], shape[:1])

    def step(self, precision):
        start = time.perf_counter()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == "bf16"):
            loss = cross_entropy(self.model(self.pixels), self.labels)
        loss.backward()
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return 1000 * (time.perf_counter() - start)


def main():
    training = None

    def answer(request):
        nonlocal training
        reply = {}
        if "build" in request:
            training = None
            training = Training(request)
            reply["parameters"] = sum(p.numel() for p in training.model.parameters())
        elif "steps" in request:
            reply["ms"] = [training.step(request["precision"]) for _ in range(request["steps"])]
        elif "matmul" in request:
            reply["ms"] = matmul(request["matmul"], request["precision"])
        return reply

    serve(answer)


if __name__ == "__main__":
    main()
