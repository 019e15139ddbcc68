"""Figures of label-free accuracy, agreement and suspect labels, for reviews.test.ts.

    pip install krippendorff statsmodels scikit-learn cleanlab
    python test/golden/reviews/generate.py

Writes fixtures/reviews.json: CBPE by the formulas that NannyML publishes (how_it_works/performance_estimation), one value against the others, in NumPy, Cohen's kappa of scikit-learn, Fleiss' kappa of statsmodels,
Krippendorff's alpha of krippendorff, confident learning of cleanlab.
"""

import importlib.metadata
import json
import pathlib

import numpy as np
import krippendorff
from cleanlab.filter import find_label_issues
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import aggregate_raters, fleiss_kappa

rng = np.random.default_rng(11)
VALUES = ["black", "blue", "red", "white"]


def probabilities(rows, sharpness):
    logits = rng.normal(size=(rows, len(VALUES))) * sharpness + np.array([0.6, 0.2, 0.0, -0.4])
    p = np.exp(logits)
    p = np.round(p / p.sum(1, keepdims=True), 4)
    p[:, -1] = np.round(1 - p[:, :-1].sum(1), 4)
    return p


def cbpe(p):
    predicted = p.argmax(1)
    precision, recall, f1 = [], [], []
    for value in range(p.shape[1]):
        given = predicted == value
        tp = p[given, value].sum()
        fp = (1 - p[given, value]).sum()
        fn = p[~given, value].sum()
        precision.append(tp / (tp + fp))
        recall.append(tp / (tp + fn))
        f1.append(tp / (tp + 0.5 * (fp + fn)))
    return dict(
        accuracy=float(p.max(1).mean()),
        precision=float(np.mean(precision)),
        recall=float(np.mean(recall)),
        f1=float(np.mean(f1)),
    )


current = probabilities(300, 1.0)

ratings = rng.integers(0, 3, size=(3, 40))
base = rng.integers(0, 3, size=40)
ratings = np.where(rng.random((3, 40)) < 0.7, base, ratings)
sparse = np.where(rng.random((3, 40)) < 0.3, np.nan, ratings.astype(float))

labelled = probabilities(200, 2.5)
true = np.array([rng.choice(len(VALUES), p=row / row.sum()) for row in labelled])
noisy = np.where(rng.random(200) < 0.15, rng.integers(0, len(VALUES), 200), true)
issues = find_label_issues(
    noisy, labelled, filter_by="confident_learning", return_indices_ranked_by="self_confidence", min_examples_per_class=0
)

out = dict(
    versions={
        name: importlib.metadata.version(name)
        for name in ("krippendorff", "statsmodels", "scikit-learn", "cleanlab")
    },
    values=VALUES,
    cbpe=dict(probabilities=current.tolist(), **cbpe(current)),
    ratings=ratings.tolist(),
    cohen=cohen_kappa_score(ratings[0], ratings[1]),
    fleiss=float(fleiss_kappa(aggregate_raters(ratings.T)[0])),
    sparse=[[None if np.isnan(v) else int(v) for v in row] for row in sparse],
    alpha=float(krippendorff.alpha(reliability_data=sparse, level_of_measurement="nominal")),
    suspects=dict(
        labels=noisy.tolist(),
        probabilities=labelled.tolist(),
        issues=sorted(int(i) for i in issues),
    ),
)
path = pathlib.Path(__file__).parent / "fixtures" / "reviews.json"
path.write_text(json.dumps(out, separators=(",", ":")) + "\n")
print(path, path.stat().st_size)
