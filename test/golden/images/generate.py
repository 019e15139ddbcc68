"""Writes the picture fixtures: small pictures, and what Pillow and transformers make of them.

    python test/golden/images/generate.py

- *.jpg, *.png: pictures made here of smooth colours, sharp edges and noise.
- decoded.json: for each picture its size and the SHA-256 of its RGB bytes as Pillow decodes them.
- resized.json: what was asked of Pillow: picture, `size` (width, height), resampling, `box` or null, and where the result
  lies in resized.bin.gz: uint8 `[height, width, 3]`, one after the other.
- processors.json: preprocessor_config.json contents, the picture, `shape` `[3, height, width]`; processors.bin.gz:
  float32 results of transformers' Pillow processors, one after the other.

fixtures/versions.json says what wrote the files.
"""

import gzip
import hashlib
import json
import pathlib
import sys

import numpy as np
import PIL
import transformers
from PIL import Image
from transformers.models.bit.image_processing_pil_bit import BitImageProcessorPil
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from transformers.models.convnext.image_processing_pil_convnext import ConvNextImageProcessorPil
from transformers.models.deit.image_processing_pil_deit import DeiTImageProcessorPil
from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil
from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

HERE = pathlib.Path(__file__).parent / "fixtures"
RESAMPLINGS = {"nearest": 0, "lanczos": 1, "bilinear": 2, "bicubic": 3, "box": 4, "hamming": 5}
CLASSES = {
    "ViTImageProcessor": ViTImageProcessorPil,
    "DeiTImageProcessor": DeiTImageProcessorPil,
    "CLIPImageProcessor": CLIPImageProcessorPil,
    "SiglipImageProcessor": SiglipImageProcessorPil,
    "ConvNextImageProcessor": ConvNextImageProcessorPil,
    "BitImageProcessor": BitImageProcessorPil,
}
IMAGENET = {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}
PROCESSORS = [
    {"image_processor_type": "ViTImageProcessor", "size": {"height": 26, "width": 26}},
    {"image_processor_type": "ViTImageProcessor", "size": 24, "resample": 3, "do_rescale": False, "do_normalize": False},
    {"image_processor_type": "DeiTImageProcessor", "size": {"height": 30, "width": 30}, "crop_size": 22, **IMAGENET},
    {"image_processor_type": "CLIPImageProcessor", "size": {"shortest_edge": 24}, "crop_size": {"height": 24, "width": 24}},
    {"image_processor_type": "CLIPImageProcessor", "size": {"shortest_edge": 20}, "crop_size": {"height": 27, "width": 23}},
    {"image_processor_type": "CLIPImageProcessor", "size": {"shortest_edge": 20, "longest_edge": 25}, "do_center_crop": False},
    {"image_processor_type": "CLIPImageProcessor", "do_resize": False, "crop_size": 23, "image_mean": 0.4, "image_std": 0.3},
    {"image_processor_type": "SiglipImageProcessor", "size": {"height": 24, "width": 20}, "rescale_factor": 0.00784313725490196},
    {"image_processor_type": "ConvNextImageProcessor", "size": {"shortest_edge": 22}, **IMAGENET},
    {"image_processor_type": "ConvNextImageProcessor", "size": {"shortest_edge": 21}, "crop_pct": 0.95, "resample": 2},
    {"image_processor_type": "BitImageProcessor", "size": {"shortest_edge": 28}, "crop_size": 24, "do_normalize": False},
    {
        "image_processor_type": "ViTImageProcessor",
        "size": {"height": 18, "width": 20},
        "do_pad": True,
        "pad_size": {"height": 21, "width": 26},
    },
]


def picture(rng, width, height):
    """Smooth colours, two sharp edges, a little noise: what a photograph asks of a resampler."""
    y, x = np.mgrid[0:height, 0:width] / max(width, height)
    layers = [
        127 + 120 * np.sin(rng.uniform(2, 9) * x + rng.uniform(2, 9) * y + rng.uniform(0, 6)) for _ in range(3)
    ]
    pixels = np.stack(layers, axis=-1)
    pixels[(x - 0.4) ** 2 + (y - 0.4) ** 2 < 0.06] = [250, 250, 240]
    pixels[np.abs(x - y) < 0.03] = [5, 0, 10]
    pixels += rng.normal(0, 6, pixels.shape)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def write_pictures():
    rng = np.random.default_rng(4)
    picture(rng, 60, 80).save(HERE / "portrait.jpg", quality=90)
    picture(rng, 131, 94).save(HERE / "landscape.jpg", quality=85, progressive=True)
    picture(rng, 97, 40).save(HERE / "wide.jpg", quality=92, subsampling=0)
    picture(rng, 19, 23).save(HERE / "small.png")
    return ["portrait.jpg", "landscape.jpg", "wide.jpg", "small.png"]


def write_json(name, content):
    (HERE / name).write_text(json.dumps(content, indent=1) + "\n")


def write_blob(name, arrays):
    (HERE / name).write_bytes(gzip.compress(b"".join(a.tobytes() for a in arrays), 9, mtime=0))


def main():
    HERE.mkdir(exist_ok=True)
    names = write_pictures()
    pictures = {name: Image.open(HERE / name).convert("RGB") for name in names}
    write_json(
        "decoded.json",
        {
            name: {"width": p.width, "height": p.height, "sha256": hashlib.sha256(p.tobytes()).hexdigest()}
            for name, p in pictures.items()
        },
    )

    asked, results = [], []
    for name, p in pictures.items():
        w, h = p.size
        inner = (round(w * 0.13, 2), round(h * 0.2, 2), round(w * 0.77, 2), round(h * 0.91, 2))
        for resampling, number in RESAMPLINGS.items():
            for size, box in [((14, 15), None), ((w + 5, 7), None), ((6, h + 4), None), ((16, 9), inner), ((w, 8), None)]:
                if p.width > 90 and max(size) > 40:
                    continue
                result = p.resize(size, number, box=box)
                asked.append({"picture": name, "size": size, "resampling": resampling, "box": box})
                results.append(np.array(result))
    write_json("resized.json", asked)
    write_blob("resized.bin.gz", results)

    asked, results = [], []
    for config in PROCESSORS:
        options = {k: v for k, v in config.items() if k != "image_processor_type"}
        processor = CLASSES[config["image_processor_type"]](**options)
        for name in ["portrait.jpg", "wide.jpg"] if "shortest_edge" in str(config) else ["small.png"]:
            values = processor(pictures[name], return_tensors="np")["pixel_values"][0].astype(np.float32)
            asked.append({"config": config, "picture": name, "shape": values.shape})
            results.append(values)
    write_json("processors.json", asked)
    write_blob("processors.bin.gz", results)

    versions = {"python": sys.version.split()[0], "pillow": PIL.__version__, "transformers": transformers.__version__}
    write_json("versions.json", {**versions, "numpy": np.__version__})


main()
