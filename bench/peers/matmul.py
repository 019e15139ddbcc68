"""The milliseconds that PyTorch takes for a product of two square matrices: what a step can be measured against."""

import time

import torch


def matmul(size, precision):
    a = torch.rand(size, size, dtype=torch.bfloat16 if precision == "bf16" else torch.float32)
    times = []
    for _ in range(4):
        start = time.perf_counter()
        a @ a
        times.append(1000 * (time.perf_counter() - start))
    return min(times)
