"""Writes the optimiser fixtures: what PyTorch's optimisers make of a stored sequence of gradients.

    python test/golden/optimizers/generate.py

Two groups of parameters: `a.matrix` [4, 5] and `a.table` [6, 3] in the first, `b.bias` [5] and `b.scale` [] in the second.

- inputs.safetensors: `start.<parameter>`, and `gradient.<parameter>` `[20, ...]`, one row a step.
- expected.safetensors: `<variant>.<parameter>` `[20, ...]`: the parameter after each step, float32 from a float64 run
  (so a float32 optimiser is compared with the truth); `<variant>.norm` `[20]`: the gradients' global norm before
  clipping, where the variant clips; `<variant>.average.<parameter>`: the moving average, where it keeps one.
- variants.json: each variant's optimiser, options, and groups; `float32Error`: how far PyTorch's own float32 run strays
  from the float64 one (the largest difference), a guide for the tolerance; `factors`: of the learning rate at each step. Also `schedules`: learning-rate factors of
  transformers' schedules before steps 0 to 29.
"""

import json
import pathlib
import sys

import safetensors.torch
import torch
import transformers
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

HERE = pathlib.Path(__file__).parent / "fixtures"
STEPS = 20
SHAPES = {"a.matrix": (4, 5), "a.table": (6, 3), "b.bias": (5,), "b.scale": ()}

# Options as Attune names them; `groups` override them for parameters of that prefix.
VARIANTS = {
    "sgd": {"kind": "sgd", "learningRate": 0.05},
    "sgd-decay": {"kind": "sgd", "learningRate": 0.05, "weightDecay": 0.1},
    "sgd-momentum": {"kind": "sgd", "learningRate": 0.05, "momentum": 0.9},
    "sgd-momentum-decay": {"kind": "sgd", "learningRate": 0.05, "momentum": 0.8, "weightDecay": 0.1},
    "sgd-nesterov": {"kind": "sgd", "learningRate": 0.05, "momentum": 0.9, "nesterov": True},
    "sgd-nesterov-decay-groups": {
        "kind": "sgd", "learningRate": 0.05, "momentum": 0.9, "nesterov": True, "weightDecay": 0.05,
        "groups": {"b.": {"learningRate": 0.005, "weightDecay": 0.0}},
    },
    "adam": {"kind": "adam", "learningRate": 0.01, "betas": [0.9, 0.999], "epsilon": 1e-8},
    "adam-betas": {"kind": "adam", "learningRate": 0.01, "betas": [0.8, 0.95], "epsilon": 1e-8},
    "adam-epsilon": {"kind": "adam", "learningRate": 0.01, "betas": [0.9, 0.999], "epsilon": 1e-2},
    "adam-l2": {"kind": "adam", "learningRate": 0.01, "betas": [0.9, 0.999], "epsilon": 1e-8, "weightDecay": 0.1},
    "adamw": {"kind": "adamw", "learningRate": 0.01, "betas": [0.9, 0.999], "epsilon": 1e-8, "weightDecay": 0.1},
    "adamw-groups": {
        "kind": "adamw", "learningRate": 0.01, "betas": [0.9, 0.98], "epsilon": 1e-6, "weightDecay": 0.2,
        "groups": {"b.": {"learningRate": 0.002, "weightDecay": 0.0}},
    },
    "adamw-clipped": {
        "kind": "adamw", "learningRate": 0.01, "betas": [0.9, 0.999], "epsilon": 1e-8, "weightDecay": 0.1,
        "clipNorm": 4.0,
    },
    "sgd-clipped": {"kind": "sgd", "learningRate": 0.05, "momentum": 0.9, "clipNorm": 4.0},
    "adamw-schedule": {
        "kind": "adamw", "learningRate": 0.01, "betas": [0.9, 0.999], "epsilon": 1e-8, "weightDecay": 0.1,
        "schedule": {"kind": "linear", "warmupSteps": 5, "totalSteps": 20},
    },
    "adamw-average": {
        "kind": "adamw", "learningRate": 0.01, "betas": [0.9, 0.999], "epsilon": 1e-8, "weightDecay": 0.1,
        "averageDecay": 0.9,
    },
}

SCHEDULES = {
    "constant": {"kind": "constant"},
    "constant-warmup": {"kind": "constant", "warmupSteps": 6},
    "linear": {"kind": "linear", "totalSteps": 25},
    "linear-warmup": {"kind": "linear", "warmupSteps": 7, "totalSteps": 25},
    "cosine": {"kind": "cosine", "totalSteps": 25},
    "cosine-warmup": {"kind": "cosine", "warmupSteps": 4, "totalSteps": 25},
}


class Parameters(torch.nn.Module):
    """The four parameters as a module, so that AveragedModel can hold them."""

    def __init__(self, start, dtype):
        super().__init__()
        self.names = list(start)
        for name, value in start.items():
            self.register_parameter(name.replace(".", "_"), torch.nn.Parameter(value.clone().to(dtype)))

    def named(self):
        return {name: getattr(self, name.replace(".", "_")) for name in self.names}


def make_optimizer(variant, named):
    def group(prefix):
        options = {**variant, **variant.get("groups", {}).get(prefix, {})}
        result = {
            "params": [p for name, p in named.items() if name.startswith(prefix)],
            "lr": options["learningRate"],
            "weight_decay": options.get("weightDecay", 0.0),
        }
        if variant["kind"] == "sgd":
            result |= {"momentum": options.get("momentum", 0.0), "nesterov": options.get("nesterov", False)}
        else:
            result |= {"betas": tuple(options["betas"]), "eps": options["epsilon"]}
        return result

    groups = [group("a."), group("b.")]
    kinds = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam, "adamw": torch.optim.AdamW}
    return kinds[variant["kind"]](groups)


def make_schedule(spec, optimizer):
    warmup = spec.get("warmupSteps", 0)
    if spec["kind"] == "constant":
        return transformers.get_constant_schedule_with_warmup(optimizer, warmup)
    if spec["kind"] == "linear":
        return transformers.get_linear_schedule_with_warmup(optimizer, warmup, spec["totalSteps"])
    return transformers.get_cosine_schedule_with_warmup(optimizer, warmup, spec["totalSteps"])


def run(variant, start, gradient, dtype):
    module = Parameters(start, dtype)
    named = module.named()
    optimizer = make_optimizer(variant, named)
    schedule = make_schedule(variant["schedule"], optimizer) if "schedule" in variant else None
    average = None
    if "averageDecay" in variant:
        # The first update copies (AveragedModel's n_averaged is 0), the later ones average.
        average = AveragedModel(module, multi_avg_fn=get_ema_multi_avg_fn(variant["averageDecay"]))
    history = {name: [] for name in named}
    averages = {name: [] for name in named}
    norms = []
    for step in range(STEPS):
        for name, parameter in named.items():
            parameter.grad = gradient[name][step].clone().to(dtype)
        if "clipNorm" in variant:
            norms.append(torch.nn.utils.clip_grad_norm_(list(named.values()), variant["clipNorm"]))
        optimizer.step()
        if schedule is not None:
            schedule.step()
        if average is not None:
            average.update_parameters(module)
            for name, value in average.module.named().items():
                averages[name].append(value.detach().clone())
        for name, parameter in named.items():
            history[name].append(parameter.detach().clone())
    result = {name: torch.stack(values) for name, values in history.items()}
    if norms:
        result["norm"] = torch.stack(norms)
    if average is not None:
        result |= {f"average.{name}": torch.stack(values) for name, values in averages.items()}
    return result


def schedule_factors(spec):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule = make_schedule(spec, optimizer)
    factors = []
    for _ in range(30):
        factors.append(schedule.get_last_lr()[0])
        optimizer.step()
        schedule.step()
    return factors


if __name__ == "__main__":
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(7)
    start = {name: torch.randn(shape, generator=generator) for name, shape in SHAPES.items()}
    # Sizes differ by step (a norm of 4 clips some steps and not others) and some rows of the table rest, as embeddings do.
    gradient = {}
    for name, shape in SHAPES.items():
        size = torch.linspace(0.2, 1.5, STEPS).reshape(-1, *([1] * len(shape)))
        gradient[name] = torch.randn((STEPS, *shape), generator=generator) * size
    gradient["a.table"][3:9, 2] = 0
    gradient["a.table"][:, 5] = 0
    safetensors.torch.save_file(
        {f"start.{k}": v for k, v in start.items()} | {f"gradient.{k}": v for k, v in gradient.items()},
        HERE / "inputs.safetensors",
    )
    tensors, variants = {}, {}
    for name, variant in VARIANTS.items():
        exact = run(variant, start, gradient, torch.float64)
        single = run(variant, start, gradient, torch.float32)
        error = max((exact[k] - single[k].double()).abs().max().item() for k in exact if k != "norm")
        tensors |= {f"{name}.{k}": v.float().contiguous() for k, v in exact.items()}
        factors = schedule_factors(variant["schedule"])[:STEPS] if "schedule" in variant else [1.0] * STEPS
        variants[name] = {**variant, "factors": factors, "float32Error": error}
        if "norm" in exact:
            clipped = (exact["norm"] > variant["clipNorm"]).sum().item()
            assert 0 < clipped < STEPS, clipped
    safetensors.torch.save_file(tensors, HERE / "expected.safetensors")
    schedules = {name: {**spec, "factors": schedule_factors(spec)} for name, spec in SCHEDULES.items()}
    content = {
        "versions": {"torch": torch.__version__, "transformers": transformers.__version__,
                     "python": sys.version.split()[0]},
        "variants": variants,
        "schedules": schedules,
    }
    (HERE / "variants.json").write_text(json.dumps(content, indent=1) + "\n")
    print({k: v["float32Error"] for k, v in variants.items()})
