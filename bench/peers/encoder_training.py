"""Peer of bench/train-step, bench/large and bench/lora: the model of bench/training/classifier.ts in PyTorch.

Reads one JSON object a line and answers each with one:
{build: {encoder, classes, batch, tokens, frozen, lora?, threads}, learningRate, weightDecay, dropout} -> {parameters};
    lora needs peft
{steps: n, precision: fp32 | bf16} -> {ms: [...]}
{matmul: n, precision} -> {ms} of a product of two n x n matrices
{save: folder}, {load: folder} -> {seconds}
{peak: true} -> {mb}
"""

import resource
import time

import torch
from transformers import AutoConfig, AutoModel
from answering import serve
from matmul import matmul


class Classifier(torch.nn.Module):
    """Dropout and a linear layer on the first token."""

    def __init__(self, encoder, classes, dropout):
        super().__init__()
        self.encoder = encoder
        self.dropout = torch.nn.Dropout(dropout)
        self.classifier = torch.nn.Linear(encoder.config.hidden_size, classes)

    def forward(self, ids, mask):
        hidden = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        return self.classifier(self.dropout(hidden[:, 0]))


class Training:
    def __init__(self, request):
        plan = request["build"]
        torch.set_num_threads(plan["threads"])
        torch.manual_seed(1)
        encoder = dict(plan["encoder"])
        config = AutoConfig.for_model(encoder.pop("model_type"), **encoder)
        self.model = Classifier(AutoModel.from_config(config, add_pooling_layer=False), plan["classes"], request["dropout"])
        self.model.train()
        if plan["frozen"]:
            self.model.encoder.embeddings.requires_grad_(False)
        if "lora" in plan:
            from peft import LoraConfig, get_peft_model

            lora = plan["lora"]
            self.model.encoder = get_peft_model(self.model.encoder, LoraConfig(
                r=lora["rank"], lora_alpha=lora["alpha"], lora_dropout=lora["dropout"], target_modules=lora["targets"],
            ))
        trained = [p for p in self.model.parameters() if p.requires_grad]
        self.optimizer = torch.optim.AdamW(
            trained, lr=request["learningRate"], weight_decay=request["weightDecay"], fused=True
        )
        shape = (plan["batch"], plan["tokens"])
        self.ids = torch.randint(0, config.vocab_size, shape)
        self.mask = torch.ones(shape, dtype=torch.long)
        self.labels = torch.randint(0, plan["classes"], shape[:1])

    def step(self, precision):
        start = time.perf_counter()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == "bf16"):
            loss = torch.nn.functional.cross_entropy(self.model(self.ids, self.mask), self.labels)
        loss.backward()
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return 1000 * (time.perf_counter() - start)


def main():
    training = None

    def answer(request):
        nonlocal training
        reply = {}
        start = time.perf_counter()
        if "build" in request:
            training = None
            training = Training(request)
            reply["parameters"] = sum(p.numel() for p in training.model.parameters())
        elif "steps" in request:
            reply["ms"] = [training.step(request["precision"]) for _ in range(request["steps"])]
        elif "matmul" in request:
            reply["ms"] = matmul(request["matmul"], request["precision"])
        elif "save" in request:
            training.model.encoder.save_pretrained(request["save"])
        elif "load" in request:
            AutoModel.from_pretrained(request["load"], add_pooling_layer=False)
        elif "peak" in request:
            reply["mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        reply["seconds"] = time.perf_counter() - start
        return reply

    serve(answer)


if __name__ == "__main__":
    main()
