"""sentence-transformers as a peer of bench/embed: JSON lines in, JSON lines out."""

import time

import torch
from answering import serve
from sentence_transformers import SentenceTransformer

models = {}


def answer(request):
    if "load" in request:
        torch.set_num_threads(request["threads"])
        dtype = {"fp32": torch.float32, "bf16": torch.bfloat16}[request["precision"]]
        models[request["precision"]] = SentenceTransformer(
            request["load"], device="cpu", model_kwargs={"torch_dtype": dtype}
        )
        return {"ready": True}
    start = time.perf_counter()
    vectors = models[request["precision"]].encode(
        request["texts"], batch_size=request["batch"], show_progress_bar=False
    )
    seconds = time.perf_counter() - start
    sample = [[float(x) for x in row] for row in vectors[: request["sample"]]]
    return {"seconds": seconds, "sample": sample}


if __name__ == "__main__":
    serve(answer)
