"""Peer of bench/multimodal: MFCCs, their means and deviations over parts of a recording, and a support vector machine.

Reads one JSON object a line: {train, test: Parquet files, attributes, column: of WAV bytes}. Answers {scores: {attribute: %
right}, seconds}. Needs librosa and soundfile beside scikit-learn.
"""

import io
import time

import librosa
import numpy
import pyarrow.parquet
import soundfile
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from answering import serve

PARTS = 5


def features(cell):
    samples, rate = soundfile.read(io.BytesIO(cell), dtype="float32")
    mfcc = librosa.feature.mfcc(y=samples, sr=rate, n_mfcc=20, n_fft=256, hop_length=80, n_mels=40)
    parts = numpy.array_split(mfcc, PARTS, axis=1)
    means = [part.mean(1) if part.shape[1] else mfcc.mean(1) for part in parts]
    return numpy.concatenate([*means, mfcc.std(1)])


def answer(request):
    start = time.perf_counter()
    train, test = (pyarrow.parquet.read_table(request[side]).to_pandas() for side in ("train", "test"))
    known, unknown = (numpy.stack([features(cell) for cell in rows[request["column"]]]) for rows in (train, test))
    scores = {}
    for name in request["attributes"]:
        model = make_pipeline(StandardScaler(), SVC(C=10)).fit(known, train[name].astype(str))
        scores[name] = 100 * float((model.predict(unknown) == test[name].astype(str)).mean())
    return {"scores": scores, "seconds": time.perf_counter() - start}


if __name__ == "__main__":
    serve(answer)
