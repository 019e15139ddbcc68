"""Writes the fixtures of the tokenizer tests: python test/golden/tokenizers/generate.py

Needs tokenizers 0.23, sentencepiece 0.2 and protobuf. Trains small tokenizers of each family on the sentences below,
encodes tricky strings with the `tokenizers` library, and writes both. Offsets are UTF-16 units of the original text,
without spaces at the edges of a token (byte-level tokenizers count the space before a word or not, by configuration).
`characters.json` has the ranges of code points that BERT's normaliser and GPT-2's expression treat alike.
"""

import base64
import io
import json
import unicodedata
from pathlib import Path

import sentencepiece
from sentencepiece import sentencepiece_model_pb2
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

here = Path(__file__).parent / "fixtures"
here.mkdir(exist_ok=True)

SENTENCES = [
    "Women's running shoes, size 38, navy blue with white laces",
    "Men's slim-fit jeans (dark wash) 32x34",
    "Stainless steel water bottle 750ml, keeps cold for 24h",
    "Wireless headphones with noise cancelling and 30 hours of battery",
    "Don't miss: we've got what you'll love, it's the one they're after, I'd say I'm sure",
    "Crème brûlée torch, kitchen gadgets for the café",
    "Größe 42 für Damen, weiß und grün, Straßenschuhe",
    "Chaussures pour enfants à lacets, été 2024",
    "Zapatillas de niño tamaño pequeño, corazón",
    "Женские кроссовки синего цвета, размер 38",
    "Мужская куртка зимняя с капюшоном",
    "حذاء رياضي للنساء أزرق مقاس 38",
    "נעלי ריצה לנשים כחול מידה 38",
    "女士跑步鞋 蓝色 38码",
    "男士修身牛仔裤 深色 水洗",
    "レディース ランニングシューズ ネイビー 24cm",
    "ステンレス製の水筒、保冷24時間",
    "여성 러닝화 네이비 240mm",
    "महिलाओं के लिए दौड़ने के जूते",
    "รองเท้าวิ่งผู้หญิง สีน้ำเงิน",
    "Παπούτσια για τρέξιμο γυναικεία μπλε",
    "Giày chạy bộ nữ màu xanh nước biển",
    "100% cotton T-shirt, 3-pack; machine-washable @ 30°C — $19.99 / €17.50 / £15",
]

STRINGS = SENTENCES + [
    "",
    " ",
    "   ",
    "\t\n\r\n",
    "a",
    " leading",
    "trailing ",
    "  two  spaces   three    four  ",
    "tabs\tand\nnewlines\r\nhere",
    "non\u00a0breaking\u2003em\u3000ideographic\u1680ogham\u2028line",
    "zero\u200bwidth\u200djoiner\ufeffbom\u00adsoft",
    "nul\u0000in\u0001side\u007fdel\u0085nel",
    "[CLS] not special [SEP] [MASK] [PAD] [UNK]",
    "<s>bold</s> <pad><mask> <unk> <|endoftext|>",
    "[SEP][SEP]",
    "caf\u00e9 cafe\u0301 CAFE\u0301S",
    "\u0301leading mark",
    "a\u0323\u0302 \u1ead \u1ea1\u0302 o\u0308\u0304",
    "\u212b \u00c5 A\u030a \u1e9b\u0323",
    "\u0130stanbul \u0131l\u0131k I\u0307",
    "\u00df \u1e9e STRASSE stra\u00dfe",
    "\u03a3\u03a4\u039f\u03a3 \u03c3\u03c4\u03bf\u03c2",
    "ﬁne ﬂow ﬃ ① Ⅷ ㎏ ½ x² ™ ℃",
    "ＦＵＬＬ　ｗｉｄｔｈ　１２３　ｶﾞﾊﾟ",
    "emoji 👟 👍🏽 👩‍👩‍👧‍👦 🏳️‍🌈 🇩🇪 1️⃣ end",
    "😀😁😂",
    "shoe👟bag👜",
    "𝒮𝒸𝓇𝒾𝓅𝓉 𝟘𝟙𝟚 𠀀𠮷 𐍈",
    "한국어 \u1112\u1161\u11ab\u1100\u116e\u11a8",
    "蓝色nike运动鞋38码",
    "これは、テストです。「サイズ」は２４ｃｍ！",
    "混ぜる mixed 混合 text 텍스트",
    "שָׁלוֹם עֲלֵיכֶם \u202bRTL\u202c mark\u200f",
    "العَرَبِيَّة ١٢٣ ، ؟",
    "हिन्दी क्षेत्र ज़मीन",
    "ไทยภาษา น้ำ",
    "Don't 'quoted' ''double'' it's'll I'LL 's 'S",
    "!!!???... --- *** ///\\\\\\",
    "a!b@c#d$e%f^g&h*i(j)k_l+m-n=o",
    "snake_case camelCase kebab-case",
    "1234567890 3.14 1,000.50 2024-01-31 10:30",
    "http://example.com/a?b=c&d=e#f user@example.com",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "x" * 100 + " " + "y" * 101,
    "supercalifragilisticexpialidocious antidisestablishmentarianism",
    "qqqzzzjjj ʘʘ ꙮ ᚠᚢᚦ",
    "\ufffd replacement \ufffd\ufffd",
    "▁ lower ▁one eighth▁block",
    "Ġ byte Ċ characters Ġword",
    "##hash ##ing #tag",
    "ends with newline\n",
    "\nstarts with newline",
    "a \n b \t c",
    "word  \n  word",
    "…ellipsis… “quotes” ‘single’ «guillemets» – — ―",
    "¿Qué? ¡Sí!",
    "H₂O E=mc² µm Ω ∞ ≤ ≥ ± × ÷",
    "‐‑‒–—―⸺ ⸱ ⹃",
    "key: value | key2 : value2 |||EMAIL||| X",
    "    indented\n        deeper",
    "brandname brandnames abrandname (brandname) brandname",
    "new  york new york",
]


def utf16(text):
    places = [0]
    for character in text:
        places.append(places[-1] + (2 if ord(character) > 0xFFFF else 1))
    return places


def expected(tokenizer, skip):
    rows = []
    for text in STRINGS:
        if any(token in text for token in skip):
            continue
        encoding = tokenizer.encode(text, add_special_tokens=False)
        places = utf16(text)
        offsets = []
        for start, end in encoding.offsets:
            while start < end and text[start] == " ":
                start += 1
            while end > start and text[end - 1] == " ":
                end -= 1
            offsets.append([places[start], places[end]])
        rows.append({"text": text, "ids": encoding.ids, "offsets": offsets})
    return rows


def write(name, tokenizer, skip=()):
    tokenizer.encode_special_tokens = True
    tokenizer.save(str(here / f"{name}.tokenizer.json"), pretty=False)
    lines = ",\n".join(json.dumps(row, separators=(",", ":")) for row in expected(tokenizer, skip))
    (here / f"{name}.expected.json").write_text(f"[\n{lines}\n]\n")


def word_piece(name, normalizer, special, unknown, post):
    tokenizer = Tokenizer(models.WordPiece(unk_token=unknown))
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=700, special_tokens=special, show_progress=False)
    tokenizer.train_from_iterator(SENTENCES, trainer)
    tokenizer.post_processor = post(tokenizer)
    write(name, tokenizer)


bert = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
template = lambda t: processors.TemplateProcessing(
    single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[(s, t.token_to_id(s)) for s in ("[CLS]", "[SEP]")]
)
word_piece("bert-uncased", normalizers.BertNormalizer(), bert, "[UNK]", template)
word_piece("bert-cased", normalizers.BertNormalizer(lowercase=False, handle_chinese_chars=False), bert, "[UNK]", template)
roberta = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
word_piece(
    "mpnet",
    normalizers.BertNormalizer(strip_accents=False),
    roberta[:4] + ["[UNK]"] + [AddedToken("<mask>", lstrip=True)],
    "[UNK]",
    lambda t: processors.RobertaProcessing(("</s>", 2), ("<s>", 0), trim_offsets=True, add_prefix_space=False),
)


def byte_pair(name, special, add_prefix_space, post, normalizer=None, added=()):
    tokenizer = Tokenizer(models.BPE())
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=add_prefix_space)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=600, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator(SENTENCES, trainer)
    tokenizer.add_tokens(list(added))
    if post is not None:
        tokenizer.post_processor = post
    write(name, tokenizer)


byte_pair(
    "roberta", roberta, False, processors.RobertaProcessing(("</s>", 2), ("<s>", 0), trim_offsets=True, add_prefix_space=False)
)
byte_pair("gpt2", ["<|endoftext|>"], True, processors.ByteLevel(trim_offsets=False))
byte_pair(
    "modernbert",
    bert,
    False,
    None,
    normalizers.NFC(),
    [
        AddedToken("  ", normalized=True),
        AddedToken("    ", normalized=True),
        AddedToken("|||EMAIL|||", normalized=False),
        AddedToken("brandname", single_word=True, normalized=False),
        AddedToken("é", normalized=True),
    ],
)


def clip():
    tokenizer = Tokenizer(models.BPE(unk_token="<|endoftext|>", end_of_word_suffix="</w>", fuse_unk=True))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    )
    expression = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(expression), "removed", invert=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    trainer = trainers.BpeTrainer(
        vocab_size=600, special_tokens=["<|startoftext|>", "<|endoftext|>"], end_of_word_suffix="</w>", show_progress=False
    )
    tokenizer.train_from_iterator(SENTENCES, trainer)
    write("clip", tokenizer)


clip()


def charsmap():
    """A normalisation table as SentencePiece compiles it, of the NFKC of the characters in STRINGS and a few rules more."""
    rules = {}
    for text in STRINGS:
        for character in text:
            folded = unicodedata.normalize("NFKC", character)
            if folded != character:
                rules[(ord(character),)] = [ord(c) for c in folded]
        for i in range(len(text) - 1):
            pair = text[i : i + 2]
            composed = unicodedata.normalize("NFKC", pair)
            if len(composed) == 1 and not unicodedata.combining(pair[0]):
                rules[tuple(map(ord, pair))] = [ord(composed)]
    for white in (0x9, 0xA, 0xD, 0xA0, 0x200B, 0x2003, 0x3000, 0x2028, 0xFEFF, 0x1680):
        rules[(white,)] = [0x20]
    for gone in (0x1, 0x7F):
        rules[(gone,)] = []
    path = here / "rules.tsv"
    line = lambda source, target: f"{' '.join(f'{c:X}' for c in source)}\t{' '.join(f'{c:X}' for c in target)}"
    path.write_text("\n".join(line(source, target) for source, target in sorted(rules.items())) + "\n")
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(SENTENCES), model_writer=model, vocab_size=400, normalization_rule_tsv=str(path), minloglevel=2,
        hard_vocab_limit=False,
    )
    path.unlink()
    proto = sentencepiece_model_pb2.ModelProto()
    proto.ParseFromString(model.getvalue())
    pieces = [(p.piece, p.score) for p in proto.pieces[3:]]
    return proto.normalizer_spec.precompiled_charsmap, pieces


def unigram(name, normalizer, pre_tokenizer, pieces):
    vocab = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)] + pieces
    tokenizer = Tokenizer(models.Unigram(vocab, unk_id=3, byte_fallback=False))
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>", AddedToken("<mask>", lstrip=True)])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    # The original's Unigram makes special tokens of their names in a text, even when it is told not to; we do not.
    write(name, tokenizer, skip=["<s>", "<unk>"])


table, pieces = charsmap()
unigram(
    "xlm-roberta",
    normalizers.Precompiled(table),
    pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme="always")]),
    pieces,
)
unigram(
    "sentencepiece",
    normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC(), normalizers.Strip(left=False, right=True), normalizers.Replace(Regex(" {2,}"), " ")]),
    pre_tokenizers.Metaspace(prepend_scheme="first"),
    pieces,
)


def ranges(code_points):
    result = []
    for code_point in code_points:
        if result and result[-1][1] == code_point - 1:
            result[-1][1] = code_point
        else:
            result.append([code_point, code_point])
    return result


def characters():
    everything = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
    off = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    clean = normalizers.BertNormalizer(**{**off, "clean_text": True})
    chinese = normalizers.BertNormalizer(**{**off, "handle_chinese_chars": True})
    accents = normalizers.BertNormalizer(**{**off, "strip_accents": True})
    words = pre_tokenizers.BertPreTokenizer()
    split = lambda expression: pre_tokenizers.Split(Regex(expression), "isolated")
    found = lambda splitter: ranges(c for c in everything if len(splitter.pre_tokenize_str(f"!{chr(c)}!")) == 3)
    stripped = {c: accents.normalize_str(chr(c)) for c in everything}
    result = {
        "removed": ranges(c for c in everything if clean.normalize_str(chr(c)) == ""),
        "ideographs": ranges(c for c in everything if chinese.normalize_str(chr(c)) != chr(c)),
        "punctuation": ranges(c for c in everything if len(words.pre_tokenize_str(f"a{chr(c)}b")) == 3),
        "accents": ranges(c for c in everything if stripped[c] == ""),
        "accented": ranges(c for c in everything if stripped[c] not in ("", chr(c))),
        "letters": found(split(r"\p{L}")),
        "numbers": found(split(r"\p{N}")),
        "white": found(split(r"\s")),
    }
    (here / "characters.json").write_text(json.dumps(result, separators=(",", ":")) + "\n")


characters()
