"""Peer of bench/multimodal: a ResNet of 2.8 million parameters that learns several labels of a picture from nothing.

Reads one JSON object a line: {train, test: Parquet files, attributes, column, height, width, epochs, threads, crop: pixels
of random shift, 0 for none}. Answers {scores: {attribute: % right}, seconds}. AdamW, one cycle, bf16 where the processor
has it, mirrored at random.
"""

import io
import sys
import time

import numpy
import pyarrow.parquet
import torch
from PIL import Image
from torch.nn.functional import cross_entropy, pad
from picture_training import SmallImage
from answering import serve

BATCH = 64
PEAK = 5e-3


def pictures(file, column, height, width):
    cells = pyarrow.parquet.read_table(file, columns=[column])[column]
    result = numpy.empty((len(cells), height, width, 3), numpy.uint8)
    for i, cell in enumerate(cells):
        result[i] = Image.open(io.BytesIO(cell.as_py())).convert("RGB").resize((width, height), Image.BILINEAR)
    return torch.from_numpy(result).permute(0, 3, 1, 2)


def labels(train, test, attributes):
    columns = [pyarrow.parquet.read_table(file, columns=attributes).to_pandas().astype(str) for file in (train, test)]
    classes = [sorted(columns[0][name].unique()) for name in attributes]
    return classes, [
        torch.tensor([[c.index(v) if v in c else -1 for v in part[name]] for name, c in zip(attributes, classes)]).T
        for part in columns
    ]


def as_input(batch):
    return ((batch.float() / 255 - 0.5) / 0.5).contiguous(memory_format=torch.channels_last)


def varied(batch, crop):
    mirrored = torch.rand(len(batch)) < 0.5
    batch = torch.where(mirrored[:, None, None, None], batch.flip(3), batch)
    if crop == 0:
        return batch
    wide = pad(batch, [crop] * 4, value=255)
    height, width = batch.shape[2:]
    at = torch.randint(0, 2 * crop + 1, (len(batch), 2)).tolist()
    return torch.stack([picture[:, y : y + height, x : x + width] for picture, (y, x) in zip(wide, at)])


def answer(request):
    torch.manual_seed(1)
    torch.set_num_threads(request["threads"])
    start = time.perf_counter()
    size = (request["column"], request["height"], request["width"])
    seen, unseen = (pictures(request[side], *size) for side in ("train", "test"))
    classes, (wanted, truth) = labels(request["train"], request["test"], request["attributes"])
    encoder = SmallImage(hidden_sizes=(64, 128, 256), depths=(1, 2, 2))
    model = torch.nn.ModuleList([encoder, torch.nn.Linear(encoder.width, sum(map(len, classes)))])
    model.to(memory_format=torch.channels_last)
    sizes = [len(c) for c in classes]
    optimizer = torch.optim.AdamW(model.parameters(), lr=PEAK, weight_decay=0.05)
    steps = request["epochs"] * -(-len(seen) // BATCH)
    cycle = torch.optim.lr_scheduler.OneCycleLR(optimizer, PEAK, total_steps=steps, pct_start=0.1)
    flags = open("/proc/cpuinfo").read() if sys.platform == "linux" else ""
    half = "avx512_bf16" in flags or "amx_bf16" in flags

    def logits(batch):
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
            return model[1](model[0](as_input(batch))).float().split(sizes, 1)

    for _ in range(request["epochs"]):
        model.train()
        for rows in torch.randperm(len(seen)).split(BATCH):
            outputs = logits(varied(seen[rows], request.get("crop", 0)))
            loss = sum(cross_entropy(output, wanted[rows, i]) for i, output in enumerate(outputs))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            cycle.step()
    model.eval()
    right = torch.zeros(len(sizes))
    with torch.no_grad():
        for rows in torch.arange(len(unseen)).split(256):
            for i, output in enumerate(logits(unseen[rows])):
                right[i] += (output.argmax(1) == truth[rows, i]).sum()
    scores = {name: 100 * float(count) / len(unseen) for name, count in zip(request["attributes"], right)}
    return {"scores": scores, "seconds": time.perf_counter() - start}


if __name__ == "__main__":
    serve(answer)
