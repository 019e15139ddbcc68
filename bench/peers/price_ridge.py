"""Peer of bench/multimodal: prices by ridge regression of their logarithm, categories by logistic regression, on TF-IDF.

Reads one JSON object a line: {train, test: Parquet files, attributes: [category, price], texts: columns}. Answers {scores:
{category: % right, price: mean absolute error}, seconds}.
"""

import time

import numpy
import pyarrow.parquet
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, RidgeCV
from answering import serve


def answer(request):
    start = time.perf_counter()
    category, price = request["attributes"]
    train, test = (pyarrow.parquet.read_table(request[side]).to_pandas() for side in ("train", "test"))
    text = lambda rows: rows[request["texts"]].fillna("").agg(" ".join, axis=1)
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    known = vectorizer.fit_transform(text(train))
    unknown = vectorizer.transform(text(test))
    ridge = RidgeCV(alphas=numpy.logspace(-2, 2, 9)).fit(known, numpy.log(train[price]))
    error = numpy.abs(numpy.exp(ridge.predict(unknown)) - test[price]).mean()
    labelled = train[category].notna().to_numpy()
    asked = test[category].notna().to_numpy()
    logistic = LogisticRegression(C=10, max_iter=1000).fit(known[labelled], train[category][labelled])
    right = (logistic.predict(unknown[asked]) == test[category][asked]).mean()
    return {"scores": {category: 100 * float(right), price: float(error)}, "seconds": time.perf_counter() - start}


if __name__ == "__main__":
    serve(answer)
