"""Vectors of all-MiniLM-L6-v2 as sentence-transformers computes them, for texts that are easy to get wrong.

    python test/golden/minilm/generate.py FOLDER

FOLDER holds the checkpoint. Made with the versions that fixtures/texts.json names.
"""
import json
import sys
from pathlib import Path

import sentence_transformers
import torch
import transformers
from safetensors.numpy import save_file

FIXTURES = Path(__file__).parent / "fixtures"

TEXTS = [
    "Women's Navy Merino Crew-Neck Jumper, Size M",
    "Stainless steel water bottle 750 ml, BPA-free, matte black",
    "USB-C to HDMI adapter (4K@60Hz) 3-in-1",
    "",
    " ",
    "the",
    "iPhone 15 Pro Max Case – Clear 🙂 with Camera Protection ❤️",
    "Écharpe en laine d'agneau, très douce",
    "Größe 42, Füße & Ärmel in Übergröße",
    "ワイヤレスイヤホン ノイズキャンセリング対応",
    "纯棉短袖T恤 男款 黑色 XL",
    "حقيبة يد جلدية للنساء",
    "A" * 300,
    "12345678901234 EAN/GTIN; 10-12 cm; 1,5 kg; £19.99",
    "Hand-poured soy candle. " * 80,
    "zero-width\u200bspace, soft\u00adhyphen, tab\there, \ufffd and \u0000 control",
]


def main(folder: str) -> None:
    torch.set_num_threads(1)
    model = sentence_transformers.SentenceTransformer(folder, device="cpu")
    vectors = model.encode(TEXTS, batch_size=1, convert_to_numpy=True)
    FIXTURES.mkdir(exist_ok=True)
    save_file({"vectors": vectors.astype("float32")}, FIXTURES / "vectors.safetensors")
    versions = {
        "sentence-transformers": sentence_transformers.__version__,
        "transformers": transformers.__version__,
        "torch": torch.__version__,
    }
    text = json.dumps({"versions": versions, "texts": TEXTS}, ensure_ascii=True, indent=2)
    (FIXTURES / "texts.json").write_text(text + "\n")


main(sys.argv[1])
