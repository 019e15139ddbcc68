"""Figures of drift tests, from SciPy, statsmodels, scikit-learn and Evidently, for drift.test.ts.

    pip install "evidently<0.7" statsmodels
    python test/golden/drift/generate.py

Writes fixtures/drift.json. The Evidently figures are of its own functions, called as its presets call them.
"""

import json
import pathlib

import evidently
import numpy as np
import pandas as pd
import scipy
import sklearn
from evidently.calculations.stattests import registry
from scipy import stats
from scipy.spatial.distance import jensenshannon
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from statsmodels.stats.multitest import multipletests

rng = np.random.default_rng(7)


def rounded(values, digits=6):
    return [round(float(v), digits) for v in values]


numbers = []
for n, m, shift, scale in [(8, 11, 0.0, 1.0), (40, 25, 0.4, 1.0), (300, 200, 0.15, 1.0), (300, 200, 0.0, 1.6), (2500, 2000, 0.05, 1.0)]:
    a = rounded(np.sort(rng.normal(size=n)), 4 if n > 1000 else 6)
    b = rounded(np.sort(rng.normal(shift, scale, size=m)), 4 if n > 1000 else 6)
    exact = stats.ks_2samp(a, b, method="exact" if n <= 1000 else "asymp")
    test = registry.get_stattest
    ref, cur = pd.Series(a), pd.Series(b)
    evidently_wasserstein = test(ref, cur, "num", "wasserstein").func(ref, cur, "num", 0.1)[0]
    numbers.append(
        dict(
            reference=a,
            current=b,
            ks=exact.statistic,
            p=exact.pvalue,
            exact=n <= 1000,
            wasserstein=stats.wasserstein_distance(a, b),
            evidentlyWasserstein=evidently_wasserstein,
        )
    )

counts = []
for table in [
    [[30, 20], [25, 31], [45, 60]],
    [[500, 480], [300, 290], [200, 260]],
    [[90, 80], [10, 25]],
    [[40, 10], [60, 50], [0, 40]],
]:
    first, second = np.array(table).T
    chi2 = stats.chi2_contingency(np.array(table).T, correction=False)
    names = [f"v{i}" for i in range(len(table))]
    ref = pd.Series(np.repeat(names, first))
    cur = pd.Series(np.repeat(names, second))
    counts.append(
        dict(
            pairs=table,
            chi2=chi2.statistic,
            p=chi2.pvalue,
            js=jensenshannon(first, second),
            evidentlyJs=registry.get_stattest(ref, cur, "cat", "jensenshannon").func(ref, cur, "cat", 0.1)[0],
        )
    )


def default_test(n, values, kind):
    data = pd.Series(rng.normal(size=n) if values is None else rng.integers(0, values, size=n))
    if kind == "cat":
        data = data.astype(str)
    return dict(rows=n, values=values, kind=kind, test=registry.get_stattest(data, data, kind, None).name)


defaults = [
    default_test(n, values, kind)
    for n in (500, 1000, 1001, 5000)
    for values, kind in [(None, "num"), (3, "num"), (2, "cat"), (8, "cat")]
]

p = rounded(rng.uniform(size=12) ** 3)
many = dict(
    p=p,
    holm=list(multipletests(p, method="holm")[1]),
    bh=list(multipletests(p, method="fdr_bh")[1]),
)

a = rounded(rng.normal(size=(60 * 5)) * 0.5)
b = rounded(rng.normal(size=(50 * 5)) * 0.5 + 0.25)
x = np.vstack([np.array(a).reshape(60, 5), np.array(b).reshape(50, 5)])
y = np.array([0] * 60 + [1] * 50)
model = LogisticRegression(C=1.0, tol=1e-10, max_iter=10000).fit(x, y)
scores = x @ model.coef_[0] + model.intercept_[0]
mann = stats.mannwhitneyu(scores[60:], scores[:60], alternative="greater", method="asymptotic", use_continuity=False)
logistic = dict(
    first=a,
    second=b,
    width=5,
    weights=list(model.coef_[0]),
    bias=model.intercept_[0],
    auc=roc_auc_score(y, scores),
    rankP=mann.pvalue,
)

tails = dict(
    chi2=[[x, k, stats.chi2.sf(x, k)] for x, k in [(0.1, 1), (3.84, 1), (11, 4), (120, 80), (900, 700), (60, 3)]],
    normal=[[z, stats.norm.sf(z)] for z in (-2.5, 0.0, 0.3, 1.96, 5.0, 9.0)],
)

out = dict(
    versions=dict(evidently=evidently.__version__, scipy=scipy.__version__, sklearn=sklearn.__version__),
    numbers=numbers,
    counts=counts,
    defaults=defaults,
    many=many,
    logistic=logistic,
    tails=tails,
)
path = pathlib.Path(__file__).parent / "fixtures" / "drift.json"
path.write_text(json.dumps(out, separators=(",", ":")) + "\n")
print(path, path.stat().st_size)
