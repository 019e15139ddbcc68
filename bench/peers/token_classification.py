"""Peer of bench/attribute-extraction: transformers token classification, BIO tags over the attribute names.

Reads one JSON object a line: {model, seed, epochs, train: [...], test: [...]}, products as {title, description,
category, targets}. Answers {predicted: [{attribute: value}]}, one object a test product.
"""

import random
import re

import torch
from transformers import AutoModelForTokenClassification, AutoTokenizer
from answering import serve

WORD = re.compile(r"[^\W_]+|[^\w\s]|_")
BATCH = 16
LEARNING_RATE = 2e-4
MAX_TOKENS = 256


def text_of(product):
    return product["title"] + ("\n" + product["description"] if product["description"] else "")


def words_of(product):
    return [(m.start(), m.end()) for m in WORD.finditer(text_of(product))]


def bio_tags(product, words, number):
    """Tags by word: every place where a value stands as whole words; shorter values first, none over another."""
    text, starts, ends = text_of(product), {s: i for i, (s, _) in enumerate(words)}, {e: i for i, (_, e) in enumerate(words)}
    spans = []
    for attribute, values in product["targets"].items():
        for value in values:
            at = text.find(value)
            while at >= 0:
                if at in starts and at + len(value) in ends:
                    spans.append((ends[at + len(value)] - starts[at], starts[at], ends[at + len(value)], attribute))
                at = text.find(value, at + 1)
    tags = [0] * len(words)
    for _, first, last, attribute in sorted(spans):
        if attribute not in number or any(tags[first : last + 1]):
            continue
        tags[first] = 1 + 2 * number[attribute]
        tags[first + 1 : last + 1] = [2 + 2 * number[attribute]] * (last - first)
    return tags


def encode(tokenizer, products, number):
    examples = []
    for product in products:
        words = words_of(product)
        text = text_of(product)
        encoded = tokenizer(
            [product["category"]],
            [text[s:e] for s, e in words],
            is_split_into_words=True,
            truncation="only_second",
            max_length=MAX_TOKENS,
        )
        tags = bio_tags(product, words, number)
        labels, first_token, seen = [], {}, set()
        for token, (word, part) in enumerate(zip(encoded.word_ids(), encoded.sequence_ids())):
            if part != 1 or word in seen:
                labels.append(-100)
                continue
            seen.add(word)
            first_token[word] = token
            labels.append(tags[word])
        examples.append({"encoded": encoded, "labels": labels, "words": words, "first": first_token, "text": text})
    return examples


def batch_of(tokenizer, examples):
    padded = tokenizer.pad([e["encoded"] for e in examples], return_tensors="pt")
    width = padded["input_ids"].shape[1]
    padded["labels"] = torch.tensor([e["labels"] + [-100] * (width - len(e["labels"])) for e in examples])
    return padded


def decode(example, probabilities, names):
    """The surest span of each attribute; runs of I continue a span of their attribute."""
    best, words, k = {}, example["words"], 0
    tags = {w: int(probabilities[t].argmax()) for w, t in example["first"].items()}
    while k < len(words):
        tag = tags.get(k, 0)
        if tag == 0:
            k += 1
            continue
        attribute, last = (tag - 1) // 2, k
        while tags.get(last + 1, 0) == 2 + 2 * attribute:
            last += 1
        sure = sum(float(probabilities[example["first"][w]].max()) for w in range(k, last + 1)) / (last + 1 - k)
        if names[attribute] not in best or best[names[attribute]][0] < sure:
            best[names[attribute]] = (sure, example["text"][words[k][0] : words[last][1]])
        k = last + 1
    return {attribute: value for attribute, (_, value) in best.items()}


def answer(request):
    random.seed(request["seed"])
    torch.manual_seed(request["seed"])
    schema = {}
    for product in request["train"]:
        schema.setdefault(product["category"], set()).update(product["targets"])
    names = sorted(set().union(*schema.values()))
    number = {name: i for i, name in enumerate(names)}
    tokenizer = AutoTokenizer.from_pretrained(request["model"])
    model = AutoModelForTokenClassification.from_pretrained(request["model"], num_labels=1 + 2 * len(names))
    train = encode(tokenizer, request["train"], number)
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=0.01)
    steps = (len(train) + BATCH - 1) // BATCH * request["epochs"]
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda s: min(1, (s + 1) / (0.1 * steps)) * max(0, 1 - s / steps)
    )
    model.train()
    for _ in range(request["epochs"]):
        random.shuffle(train)
        for at in range(0, len(train), BATCH):
            loss = model(**batch_of(tokenizer, train[at : at + BATCH])).loss
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
    model.eval()
    predicted = []
    with torch.no_grad():
        for product, example in zip(request["test"], encode(tokenizer, request["test"], number)):
            padded = batch_of(tokenizer, [example])
            padded.pop("labels")
            probabilities = model(**padded).logits[0].softmax(-1)
            found = decode(example, probabilities, names)
            known = schema.get(product["category"], set(names))
            predicted.append({a: v for a, v in found.items() if a in known})
    return {"predicted": predicted}


if __name__ == "__main__":
    serve(answer)
