"""transformers' `generate` as a peer of bench/generate: JSON lines in, JSON lines out."""
import json
import sys
import time

import torch
from transformers import GPT2Config, GPT2LMHeadModel

model = None
for line in sys.stdin:
    request = json.loads(line)
    try:
        if "load" in request:
            torch.set_num_threads(request["threads"])
            model = GPT2LMHeadModel(GPT2Config(**request["load"], eos_token_id=None, bos_token_id=None)).eval()
            model.generation_config.eos_token_id = None
            reply = {"ready": True}
        else:
            ids = torch.tensor(request["prompts"])
            start = time.perf_counter()
            with torch.inference_mode():
                out = model.generate(
                    ids, attention_mask=torch.ones_like(ids), do_sample=False, num_beams=request["beams"],
                    max_new_tokens=request["tokens"], pad_token_id=0,
                )
            assert out.shape[1] == ids.shape[1] + request["tokens"]
            reply = {"seconds": time.perf_counter() - start}
    except Exception as error:  # reported to the benchmark, which says it
        reply = {"error": repr(error)}
    print(json.dumps(reply), flush=True)
