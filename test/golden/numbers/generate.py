"""Writes the fixtures of number encodings: scikit-learn's quantile transform and the piecewise-linear encoding of the paper's
authors.

    pip install scikit-learn torch rtdl_num_embeddings numpy
    python test/golden/numbers/generate.py

`numbers.json` is a list of cases: `train` (numbers), `values` (numbers to encode, within the range of `train`), `bins` asked
for, `edges` as `compute_bins` finds them, `encoded` [values, bins] as `PiecewiseLinearEncoding` makes it, and
`quantiles`, as a `QuantileTransformer` of 257 quantiles and uniform output gives them.
"""

import importlib.metadata
import json
import pathlib

import numpy as np
import sklearn
import torch
from rtdl_num_embeddings import PiecewiseLinearEncoding, compute_bins
from sklearn.preprocessing import QuantileTransformer

HERE = pathlib.Path(__file__).parent / "fixtures"
HERE.mkdir(exist_ok=True)
random = np.random.default_rng(5)
TRAIN = {
    "normal": random.normal(size=300),
    "prices": np.round(np.exp(random.normal(3, 1, size=400)), 2),
    "counts": random.poisson(2, size=350).astype(float),
    "mostly zero": np.where(random.random(300) < 0.7, 0, random.integers(1, 50, size=300)).astype(float),
    "two values": np.array([1.0] * 260 + [7.0] * 40),
}
cases = []
for name, train in TRAIN.items():
    values = np.concatenate([random.choice(train, 10), random.uniform(train.min(), train.max(), 20), [train.min(), train.max()]])
    # float32 as the tensors are, so that equal numbers are equal.
    train, values = (np.round(a, 4).astype(np.float32) for a in (train, values))
    bins = 8
    edges = compute_bins(torch.from_numpy(train)[:, None], n_bins=bins)
    encoded = PiecewiseLinearEncoding(edges)(torch.from_numpy(values)[:, None])
    transformer = QuantileTransformer(n_quantiles=257, output_distribution="uniform", subsample=None)
    transformer.fit(train[:, None].astype(np.float64))
    quantiles = transformer.transform(values[:, None].astype(np.float64))[:, 0]
    cases.append(
        dict(
            name=name,
            bins=bins,
            train=[float(x) for x in train],
            values=[float(x) for x in values],
            edges=edges[0].tolist(),
            encoded=[[round(x, 7) for x in row] for row in encoded.tolist()],
            quantiles=[round(x, 9) for x in quantiles],
        )
    )
(HERE / "numbers.json").write_text(json.dumps(cases) + "\n")
versions = {"scikit-learn": sklearn.__version__, "torch": torch.__version__}
versions["rtdl_num_embeddings"] = importlib.metadata.version("rtdl_num_embeddings")
(HERE / "versions.json").write_text(json.dumps(versions, indent=1) + "\n")
