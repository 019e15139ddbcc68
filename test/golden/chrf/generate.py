"""Writes fixtures/chrf.json: what sacreBLEU's chrF says of texts as decoders write them.

Run: python test/golden/chrf/generate.py   (needs sacrebleu; the version used is in the file)
"""

import json
from pathlib import Path

import sacrebleu

CASES = [
    [("Navy running shoes for women", ["Navy running shoes for women"])],
    [("Navy running shoes", ["Navy running shoes for women", "Women's running shoe, navy"])],
    [("blue shoe", ["Navy running shoes for women"])],
    [("", ["Navy running shoes"])],
    [("xyz", ["Navy"])],
    [("ab", ["abc"])],
    [("a  b\tc", ["abc"])],
    [("Größe 42, weiß", ["Größe 43, weiss"]), ("女士跑步鞋 蓝色", ["女士跑鞋 深蓝色"]), ("👟 neu", ["👟👟 neu"])],
    [("Mesh upper\nLight", ["Light\nMesh upper"]), ("", ["Cotton"]), ("wool scarf", ["woollen scarf", "scarf of wool"])],
]

cases = []
for case in CASES:
    most = max(len(references) for _, references in case)
    streams = [[r[i] if i < len(r) else r[-1] for _, r in case] for i in range(most)]
    value = sacrebleu.corpus_chrf([written for written, _ in case], streams).score / 100
    cases.append({"texts": [{"written": w, "references": r} for w, r in case], "chrF": value})
fixture = {"versions": {"sacrebleu": sacrebleu.__version__}, "cases": cases}
path = Path(__file__).with_name("fixtures") / "chrf.json"
path.parent.mkdir(exist_ok=True)
path.write_text(json.dumps(fixture, ensure_ascii=False) + "\n")
