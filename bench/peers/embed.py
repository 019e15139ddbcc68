"""sentence-transformers as a peer of bench/embed: JSON lines in, JSON lines out."""
import json
import sys
import time

import torch
from sentence_transformers import SentenceTransformer

models = {}
for line in sys.stdin:
    request = json.loads(line)
    try:
        if "load" in request:
            torch.set_num_threads(request["threads"])
            dtype = {"fp32": torch.float32, "bf16": torch.bfloat16}[request["precision"]]
            models[request["precision"]] = SentenceTransformer(
                request["load"], device="cpu", model_kwargs={"torch_dtype": dtype}
            )
            reply = {"ready": True}
        else:
            start = time.perf_counter()
            vectors = models[request["precision"]].encode(
                request["texts"], batch_size=request["batch"], show_progress_bar=False
            )
            seconds = time.perf_counter() - start
            sample = [[float(x) for x in row] for row in vectors[: request["sample"]]]
            reply = {"seconds": seconds, "sample": sample}
    except Exception as error:  # reported to the benchmark, which says it
        reply = {"error": repr(error)}
    print(json.dumps(reply), flush=True)
