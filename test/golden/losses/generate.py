"""Writes the loss fixtures: values and gradients of the training losses in PyTorch.

    python test/golden/losses/generate.py

- cases.json: a list of cases: `name`, `loss` (which function), `options`, and the names of its inputs.
- tensors.safetensors: `<case>.<input>` (predictions float32, labels int32, masks float32 of 0 and 1),
  `<case>.value` [] and `<case>.gradient.<input>` for every input that is differentiated; float32 from a float64 run.

The mean that every loss takes, when some labels are missing (`mask` is 0 there):

- crossEntropy: PyTorch's. sum_i m_i w_{y_i} nll_i / sum_i m_i w_{y_i}; with label smoothing e the result is
  (1 - e) times that plus e / C * sum_i m_i sum_c w_c (-log p_ic) / sum_i m_i w_{y_i}. Focal: below.
- binaryCrossEntropy, meanSquared, meanAbsolute, huber: the mean over the elements whose mask is 1.
  `positiveWeights` is torch's pos_weight, one a class.
- binaryFocal: -a_t (1 - p_t)^g log p_t, the mean over the elements whose mask is 1; a_t is alpha for positives and
  1 - alpha for negatives, 1 without alpha (Lin et al. 2017, https://arxiv.org/abs/1708.02002).
- focal: softmax form, -w_y (1 - p_y)^g log p_y, the mean over the rows whose mask is 1 (not divided by weights).
- infoNce: rows of `a` and `b` are scaled to unit length; scores = a b^T / temperature; cross-entropy of row i against
  column i; `both` adds the same down the columns and halves. A masked row is neither an anchor nor a candidate.
"""

import json
import pathlib
import sys

import safetensors.torch
import torch
import torch.nn.functional as F

HERE = pathlib.Path(__file__).parent / "fixtures"
generator = torch.Generator().manual_seed(11)


def normal(*shape, scale=1.0):
    return torch.randn(shape, generator=generator) * scale


def classes(rows, count):
    return torch.randint(0, count, (rows,), generator=generator).int()


def bits(*shape, p=0.5):
    return (torch.rand(shape, generator=generator) < p).float()


def masked_mean(values, mask):
    return values.mean() if mask is None else (values * mask).sum() / mask.sum()


def cross_entropy(logits, labels, mask=None, weights=None, smoothing=0.0):
    target = labels.long() if mask is None else torch.where(mask == 1, labels.long(), -100)
    return F.cross_entropy(logits, target, weight=weights, label_smoothing=smoothing, ignore_index=-100)


def binary_cross_entropy(logits, labels, mask=None, positiveWeights=None):
    return masked_mean(
        F.binary_cross_entropy_with_logits(logits, labels, pos_weight=positiveWeights, reduction="none"), mask
    )


def binary_focal(logits, labels, mask=None, gamma=2.0, alpha=None):
    nll = F.binary_cross_entropy_with_logits(logits, labels, reduction="none")
    p = torch.sigmoid(logits)
    p_t = p * labels + (1 - p) * (1 - labels)
    loss = (1 - p_t) ** gamma * nll
    if alpha is not None:
        loss = loss * (alpha * labels + (1 - alpha) * (1 - labels))
    return masked_mean(loss, mask)


def focal(logits, labels, mask=None, gamma=2.0, weights=None):
    log_p = F.log_softmax(logits, -1).gather(-1, labels.long()[:, None])[:, 0]
    loss = -((1 - log_p.exp()) ** gamma) * log_p
    if weights is not None:
        loss = loss * weights[labels.long()]
    return masked_mean(loss, mask)


def mean_squared(predictions, targets, mask=None):
    return masked_mean(F.mse_loss(predictions, targets, reduction="none"), mask)


def mean_absolute(predictions, targets, mask=None):
    return masked_mean(F.l1_loss(predictions, targets, reduction="none"), mask)


def huber(predictions, targets, mask=None, delta=1.0):
    return masked_mean(F.huber_loss(predictions, targets, reduction="none", delta=delta), mask)


def info_nce(a, b, mask=None, temperature=0.05, both=True):
    if mask is not None:
        a, b = a[mask == 1], b[mask == 1]
    scores = F.normalize(a, dim=-1) @ F.normalize(b, dim=-1).T / temperature
    target = torch.arange(len(scores))
    loss = F.cross_entropy(scores, target)
    return (loss + F.cross_entropy(scores.T, target)) / 2 if both else loss


FUNCTIONS = {
    "crossEntropy": (cross_entropy, ["logits"]),
    "binaryCrossEntropy": (binary_cross_entropy, ["logits"]),
    "binaryFocal": (binary_focal, ["logits"]),
    "focal": (focal, ["logits"]),
    "meanSquared": (mean_squared, ["predictions"]),
    "meanAbsolute": (mean_absolute, ["predictions"]),
    "huber": (huber, ["predictions"]),
    "infoNce": (info_nce, ["a", "b"]),
}


def softmax_inputs(**more):
    return {"logits": normal(6, 5, scale=2), "labels": classes(6, 5), **more}


def binary_inputs(**more):
    return {"logits": normal(6, 4, scale=2), "labels": bits(6, 4), **more}


def regression_inputs(**more):
    return {"predictions": normal(8, scale=2), "targets": normal(8, scale=2), **more}


def pairs(**more):
    return {"a": normal(6, 8), "b": normal(6, 8), **more}


def some_rows(n):
    mask = torch.ones(n)
    mask[[1, n - 2]] = 0
    return mask


def weights(n):
    return torch.rand((n,), generator=generator) * 2 + 0.2


def cases():
    ce, bce = "crossEntropy", "binaryCrossEntropy"
    yield "cross-entropy", ce, softmax_inputs(), {}
    yield "cross-entropy-smoothed", ce, softmax_inputs(), {"smoothing": 0.1}
    yield "cross-entropy-weighted", ce, softmax_inputs(weights=weights(5)), {}
    yield "cross-entropy-masked", ce, softmax_inputs(mask=some_rows(6)), {}
    yield "cross-entropy-all", ce, softmax_inputs(mask=some_rows(6), weights=weights(5)), {"smoothing": 0.15}
    yield "cross-entropy-large", ce, {"logits": normal(4, 5, scale=60), "labels": classes(4, 5)}, {}
    yield "binary", bce, binary_inputs(), {}
    yield "binary-weighted", bce, binary_inputs(positiveWeights=weights(4)), {}
    yield "binary-masked", bce, binary_inputs(mask=bits(6, 4, p=0.6)), {}
    yield "binary-all", bce, binary_inputs(mask=bits(6, 4, p=0.6), positiveWeights=weights(4)), {}
    yield "binary-large", bce, {"logits": normal(4, 4, scale=60), "labels": bits(4, 4)}, {}
    yield "binary-focal", "binaryFocal", binary_inputs(), {"gamma": 2.0}
    yield "binary-focal-alpha", "binaryFocal", binary_inputs(), {"gamma": 1.5, "alpha": 0.25}
    yield "binary-focal-masked", "binaryFocal", binary_inputs(mask=bits(6, 4, p=0.6)), {"gamma": 2.0, "alpha": 0.4}
    yield "focal", "focal", softmax_inputs(), {"gamma": 2.0}
    yield "focal-gamma-0", "focal", softmax_inputs(), {"gamma": 0.0}
    yield "focal-all", "focal", softmax_inputs(mask=some_rows(6), weights=weights(5)), {"gamma": 1.5}
    for name, loss, options in (
        ("mean-squared", "meanSquared", {}),
        ("mean-absolute", "meanAbsolute", {}),
        ("huber", "huber", {"delta": 1.0}),
        ("huber-delta", "huber", {"delta": 0.4}),
    ):
        yield name, loss, regression_inputs(), options
        yield f"{name}-masked", loss, regression_inputs(mask=some_rows(8)), options
    yield "info-nce", "infoNce", pairs(), {"temperature": 0.1, "both": True}
    yield "info-nce-one-way", "infoNce", pairs(), {"temperature": 0.1, "both": False}
    yield "info-nce-cold", "infoNce", pairs(), {"temperature": 0.02, "both": True}
    yield "info-nce-masked", "infoNce", pairs(mask=some_rows(6)), {"temperature": 0.2, "both": True}
    yield "info-nce-masked-one-way", "infoNce", pairs(mask=some_rows(6)), {"temperature": 0.2, "both": False}


if __name__ == "__main__":
    torch.set_num_threads(1)
    tensors, listed = {}, []
    for name, loss, inputs, options in cases():
        function, differentiated = FUNCTIONS[loss]
        exact = {k: v.double() if v.is_floating_point() else v for k, v in inputs.items()}
        for key in differentiated:
            exact[key].requires_grad_()
        value = function(**exact, **options)
        value.backward()
        tensors |= {f"{name}.{k}": v.detach().clone().contiguous() for k, v in inputs.items()}
        tensors[f"{name}.value"] = value.detach().float()
        for key in differentiated:
            tensors[f"{name}.gradient.{key}"] = exact[key].grad.float().contiguous()
        listed.append({"name": name, "loss": loss, "inputs": list(inputs), "options": options})
    safetensors.torch.save_file(tensors, HERE / "tensors.safetensors")
    versions = {"torch": torch.__version__, "python": sys.version.split()[0]}
    (HERE / "cases.json").write_text(json.dumps({"versions": versions, "cases": listed}, indent=1) + "\n")
    print({c["name"]: round(tensors[c["name"] + ".value"].item(), 4) for c in listed})
