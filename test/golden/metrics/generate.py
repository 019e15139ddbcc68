"""Writes fixtures/metrics.json: what scikit-learn and SciPy say of small random cases.

Run: python test/golden/metrics/generate.py   (needs scikit-learn, SciPy, NumPy; the versions used are in the file)
"""

import json
import warnings
from pathlib import Path

import numpy as np
import scipy
import sklearn
from scipy import stats
from sklearn import metrics as m
from sklearn.calibration import _sigmoid_calibration
from sklearn.isotonic import IsotonicRegression
from sklearn.preprocessing import MultiLabelBinarizer

warnings.filterwarnings("ignore")
rng = np.random.default_rng(7)


def prf(truth, predicted, average, **kwargs):
    p, r, f, _ = m.precision_recall_fscore_support(truth, predicted, average=average, zero_division=0, **kwargs)
    return {"precision": float(p), "recall": float(r), "f1": float(f)}


def classification(count, truth_labels, predicted_labels, noise):
    truth = rng.choice(truth_labels, count).tolist()
    predicted = [t if rng.random() > noise else str(rng.choice(predicted_labels)) for t in truth]
    labels = sorted(set(truth) | set(predicted))
    p, r, f, s = m.precision_recall_fscore_support(truth, predicted, labels=labels, zero_division=0)
    return {
        "truth": truth,
        "predicted": predicted,
        "labels": labels,
        "accuracy": float(m.accuracy_score(truth, predicted)),
        "balancedAccuracy": float(m.balanced_accuracy_score(truth, predicted)),
        "classes": [
            {"label": l, "precision": float(a), "recall": float(b), "f1": float(c), "support": int(d)}
            for l, a, b, c, d in zip(labels, p, r, f, s)
        ],
        "micro": prf(truth, predicted, "micro"),
        "macro": prf(truth, predicted, "macro"),
        "weighted": prf(truth, predicted, "weighted"),
        "confusion": m.confusion_matrix(truth, predicted, labels=labels).tolist(),
    }


def multi_label(count, labels, density):
    draw = lambda: [[l for l in labels if rng.random() < density] for _ in range(count)]
    truth, other = draw(), draw()
    predicted = [t if rng.random() < 0.5 else o for t, o in zip(truth, other)]
    binarizer = MultiLabelBinarizer().fit(truth + predicted)
    a, b = binarizer.transform(truth), binarizer.transform(predicted)
    return {
        "truth": truth,
        "predicted": predicted,
        "subsetAccuracy": float(m.accuracy_score(a, b)),
        "jaccard": float(m.jaccard_score(a, b, average="samples", zero_division=1)),
        "micro": prf(a, b, "micro"),
        "macro": prf(a, b, "macro"),
        "weighted": prf(a, b, "weighted"),
    }


def probabilities(count, classes, decimals):
    logits = np.round(rng.normal(size=(count, classes)) * 2, decimals)
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    truth = np.array([rng.choice(classes, p=row) for row in p])
    truth[:classes] = np.arange(classes)
    out = {
        "classes": classes,
        "truth": truth.tolist(),
        "probabilities": p.ravel().tolist(),
        "logLoss": float(m.log_loss(truth, p, labels=list(range(classes)))),
    }
    if classes == 2:
        out["rocAuc"] = float(m.roc_auc_score(truth, p[:, 1]))
        out["averagePrecision"] = float(m.average_precision_score(truth, p[:, 1]))
    else:
        out["rocAuc"] = float(m.roc_auc_score(truth, p, multi_class="ovr", average="macro"))
        hot = np.eye(classes)[truth]
        out["averagePrecision"] = float(m.average_precision_score(hot, p, average="macro"))
    return out


def tied_scores(count):
    truth = rng.random(count) < 0.3
    scores = np.round(rng.random(count) * 0.6 + truth * 0.3, 1)
    return {
        "positive": truth.tolist(),
        "scores": scores.tolist(),
        "rocAuc": float(m.roc_auc_score(truth, scores)),
        "averagePrecision": float(m.average_precision_score(truth, scores)),
    }


def regression(truth, predicted):
    return {
        "truth": list(map(float, truth)),
        "predicted": list(map(float, predicted)),
        "meanAbsoluteError": float(m.mean_absolute_error(truth, predicted)),
        "medianAbsoluteError": float(m.median_absolute_error(truth, predicted)),
        "rootMeanSquaredError": float(m.root_mean_squared_error(truth, predicted)),
        "r2": float(m.r2_score(truth, predicted)),
    }


def calibration(count):
    score = rng.normal(1, 1.5, count)
    outcome = rng.random(count) < 1 / (1 + np.exp(-(0.6 * score - 0.2)))
    confidence = 1 / (1 + np.exp(-score))
    a, b = _sigmoid_calibration(score, outcome.astype(int))
    isotonic = IsotonicRegression(out_of_bounds="clip").fit(np.round(confidence, 2), outcome.astype(float))
    grid = np.linspace(0, 1, 41)
    return {
        "scores": score.tolist(),
        "outcomes": outcome.tolist(),
        "confidences": np.round(confidence, 2).tolist(),
        "platt": {"slope": float(-a), "intercept": float(-b)},
        "isotonic": {"grid": grid.tolist(), "values": isotonic.predict(grid).tolist()},
        "brier": float(m.brier_score_loss(outcome, np.round(confidence, 2))),
    }


def temperature(count, classes):
    logits = rng.normal(size=(count, classes)) * 3
    p = np.exp(logits / 2.5)
    p /= p.sum(axis=1, keepdims=True)
    truth = np.array([rng.choice(classes, p=row) for row in p])

    def loss(t):
        z = logits / t
        return float(np.mean(np.log(np.exp(z).sum(axis=1)) - z[np.arange(count), truth]))

    best = scipy.optimize.minimize_scalar(loss, bounds=(0.05, 20), method="bounded", options={"xatol": 1e-10})
    return {"classes": classes, "logits": logits.ravel().tolist(), "truth": truth.tolist(), "temperature": float(best.x)}


def binomial():
    cases = []
    for n in (1, 5, 60, 400, 20000):
        for p in (0.02, 0.5, 0.95, 0.99):
            for k in sorted({0, n // 2, int(n * p), max(0, int(n * p) - 3), n - 1, n}):
                interval = stats.binomtest(k, n).proportion_ci(0.95, "wilson")
                lower = stats.beta.ppf(0.01, k, n - k + 1) if k > 0 else 0.0
                cases.append(
                    {
                        "k": k,
                        "n": n,
                        "p": p,
                        "cdf": float(stats.binom.cdf(k, n, p)),
                        "lower": float(lower),
                        "wilson": [float(interval.low), float(interval.high)],
                    }
                )
    return cases


x = rng.normal(size=51) * 10
fixture = {
    "versions": {"scikit-learn": sklearn.__version__, "scipy": scipy.__version__, "numpy": np.__version__},
    "classification": [
        classification(120, ["red", "blue", "green"], ["red", "blue", "green"], 0.3),
        # "silver" is never the truth, "gold" never predicted when the noise is certain.
        classification(60, ["red", "blue", "gold"], ["silver", "blue"], 0.8),
        classification(40, list("abcdefghij"), list("abcdefghij"), 1.0),
        classification(5, ["only"], ["only"], 0.0),
        classification(7, ["a"], ["b"], 1.0),
        classification(30, ["été", "Ärmel", "黒", "赤", "zebra"], ["été", "黒"], 0.5),
    ],
    "multiLabel": [
        multi_label(80, ["cotton", "wool", "silk", "linen"], 0.35),
        multi_label(30, ["a", "b"], 0.1),
        multi_label(25, list("abcdefgh"), 0.6),
    ],
    "probabilities": [probabilities(90, 2, 8), probabilities(90, 4, 8), probabilities(60, 3, 0)],
    "tiedScores": [tied_scores(80), tied_scores(25)],
    "regression": [
        regression(x, x + rng.normal(size=51)),
        regression(x[:50], rng.normal(size=50) * 10),
        regression([3, 3, 3], [3, 3, 3]),
        regression([3, 3, 3], [3, 3, 4]),
        regression(x + 1e8, x + 1e8 + 0.5),
    ],
    "calibration": [calibration(200), calibration(40)],
    "temperature": [temperature(150, 5), temperature(80, 2)],
    "binomial": binomial(),
    "normalQuantile": [
        {"p": p, "z": float(stats.norm.ppf(p))} for p in (1e-12, 1e-6, 0.001, 0.025, 0.3, 0.5, 0.7, 0.975, 0.9999, 1 - 1e-9)
    ],
}
Path(__file__).with_name("fixtures").joinpath("metrics.json").write_text(json.dumps(fixture, ensure_ascii=False, allow_nan=False) + "\n")
