"""transformers' `generate` as a peer of bench/generate: JSON lines in, JSON lines out."""

import time

import torch
from answering import serve
from transformers import GPT2Config, GPT2LMHeadModel

model = None


def answer(request):
    global model
    if "load" in request:
        torch.set_num_threads(request["threads"])
        model = GPT2LMHeadModel(GPT2Config(**request["load"], eos_token_id=None, bos_token_id=None)).eval()
        model.generation_config.eos_token_id = None
        return {"ready": True}
    ids = torch.tensor(request["prompts"])
    start = time.perf_counter()
    with torch.inference_mode():
        out = model.generate(
            ids, attention_mask=torch.ones_like(ids), do_sample=False, num_beams=request["beams"],
            max_new_tokens=request["tokens"], pad_token_id=0,
        )
    assert out.shape[1] == ids.shape[1] + request["tokens"]
    return {"seconds": time.perf_counter() - start}


if __name__ == "__main__":
    serve(answer)
