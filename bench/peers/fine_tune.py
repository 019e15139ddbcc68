"""Peer of bench/fine-tune: a checkpoint fine-tuned to classify titles with the transformers Trainer.

Reads one JSON object a line and answers each with one:
{load: checkpoint, titles: file of [{text, label}], maxTokens, threads} -> {}
{epoch: true, precision: fp32 | bf16, batch, learningRate, weightDecay, rows, out} -> {seconds, products, loss}
"""

import json
import sys
import time

import torch
from answering import serve
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    DataCollatorWithPadding,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)


class EpochClock(TrainerCallback):
    """Seconds from the beginning of the epoch to its end."""

    seconds = 0.0

    def on_epoch_begin(self, args, state, control, **kwargs):
        self.start = time.perf_counter()

    def on_epoch_end(self, args, state, control, **kwargs):
        self.seconds += time.perf_counter() - self.start


class FineTuning:
    def __init__(self, request):
        torch.set_num_threads(request["threads"])
        self.checkpoint = request["load"]
        self.tokenizer = AutoTokenizer.from_pretrained(self.checkpoint)
        with open(request["titles"], encoding="utf-8") as file:
            titles = json.load(file)
        names = sorted({title["label"] for title in titles})
        number = {name: i for i, name in enumerate(names)}
        encoded = self.tokenizer([t["text"] for t in titles], truncation=True, max_length=request["maxTokens"])
        self.examples = [
            {"input_ids": ids, "attention_mask": mask, "labels": number[title["label"]]}
            for ids, mask, title in zip(encoded["input_ids"], encoded["attention_mask"], titles)
        ]
        self.classes = len(names)

    def epoch(self, request):
        torch.manual_seed(1)
        model = AutoModelForSequenceClassification.from_pretrained(self.checkpoint, num_labels=self.classes)
        clock = EpochClock()
        trainer = Trainer(
            model=model,
            args=TrainingArguments(
                output_dir=request["out"],
                num_train_epochs=1,
                per_device_train_batch_size=request["batch"],
                learning_rate=request["learningRate"],
                weight_decay=request["weightDecay"],
                optim="adamw_torch_fused",
                train_sampling_strategy="group_by_length",
                bf16=request["precision"] == "bf16",
                use_cpu=True,
                save_strategy="no",
                logging_strategy="no",
                report_to=[],
                disable_tqdm=True,
                dataloader_pin_memory=False,
            ),
            train_dataset=self.examples[: request["rows"]],
            data_collator=DataCollatorWithPadding(self.tokenizer),
            callbacks=[clock],
        )
        loss = trainer.train().training_loss
        return {"seconds": clock.seconds, "products": min(request["rows"], len(self.examples)), "loss": loss}


def main():
    answers, sys.stdout = sys.stdout, sys.stderr  # the Trainer prints
    tuning = None

    def answer(request):
        nonlocal tuning
        if "load" not in request:
            return tuning.epoch(request)
        tuning = FineTuning(request)
        return {}

    serve(answer, answers)


if __name__ == "__main__":
    main()
