"""Writes what the trainers of the `tokenizers` library learn: python test/golden/tokenizers/train.py

Needs tokenizers 0.23. The texts are the titles and descriptions of examples/boutique/data/products.csv, a text a cell.
`trained.json` has, for each vocabulary, how it was asked for and its tokens in the order of their ids. The library numbers
the characters that go on with a word in another order each time that it is run, and of pairs seen equally often merges the
one with the lower number: a few tokens of a WordPiece vocabulary are others after each run.
"""

import csv
import json
from pathlib import Path

from tokenizers.implementations import BertWordPieceTokenizer, ByteLevelBPETokenizer

here = Path(__file__).parent
FIELDS = ["title", "description"]
SIZES = [1000, 2000]


def texts():
    with open(here / "../../../examples/boutique/data/products.csv", newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            for field in FIELDS:
                if row[field]:
                    yield row[field]


def word_piece(size):
    tokenizer = BertWordPieceTokenizer(lowercase=True, strip_accents=None, clean_text=True, handle_chinese_chars=True)
    tokenizer.train_from_iterator(
        texts(), vocab_size=size, min_frequency=2, limit_alphabet=2000, show_progress=False,
        special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"],
    )
    return tokenizer


def byte_pair(size):
    tokenizer = ByteLevelBPETokenizer(add_prefix_space=False)
    tokenizer.train_from_iterator(
        texts(), vocab_size=size, min_frequency=2, show_progress=False, special_tokens=["<|endoftext|>"]
    )
    return tokenizer


def tokens(tokenizer):
    vocab = tokenizer.get_vocab()
    return sorted(vocab, key=vocab.get)


rows = [
    {"kind": kind, "vocabularySize": size, "tokens": tokens(make(size))}
    for size in SIZES
    for kind, make in (("wordpiece", word_piece), ("byte-pair", byte_pair))
]
(here / "fixtures" / "trained.json").write_text(json.dumps(rows, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
