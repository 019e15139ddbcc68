"""FastAPI + onnxruntime as a peer of bench/serve: `python serve_fastapi.py FOLDER fp32|int8 PORT`.

FOLDER is as embed-export.py writes it. The head is random: what it answers is of no matter, that it does is.
"""

import os
import sys

import numpy as np
import onnxruntime
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from tokenizers import Tokenizer

folder, precision, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
tokenizer = Tokenizer.from_file(os.path.join(folder, "tokenizer.json"))
tokenizer.no_padding()
tokenizer.enable_truncation(256)
file = "model_quantized.onnx" if precision == "int8" else "model.onnx"
session = onnxruntime.InferenceSession(os.path.join(folder, "onnx", file), providers=["CPUExecutionProvider"])
head = np.random.default_rng(1).standard_normal((384, 16)).astype(np.float32)
app = FastAPI()


class Product(BaseModel):
    title: str


@app.get("/health")
def health():
    return {"ready": True}


@app.post("/predict")
def predict(product: Product):
    ids = np.array([tokenizer.encode(product.title).ids], dtype=np.int64)
    (hidden,) = session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)})
    logits = hidden[0].mean(axis=0) @ head
    odds = np.exp(logits - logits.max())
    best = int(odds.argmax())
    return {"value": f"value {best}", "confidence": float(odds[best] / odds.sum())}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="error")
