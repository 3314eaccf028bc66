"""Trains and times the scikit-learn pipeline that Ombud is measured against.

TF-IDF of word 1-2-grams and of character 2-5-grams inside word bounds, 500,000 features together, and one logistic
regression for each attribute on the rows that have a label. Prints one JSON object: microseconds a comment, one at a
time and in batch, seconds to train, and ROC AUC and average precision per attribute and source. Every time is given
twice: by the clock, and as time of the processor, which is what counts on a machine that does other work as well.
"""

import argparse
import gzip
import json
import os
import platform
import time

import joblib
import numpy
import sklearn
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.pipeline import FeatureUnion

ATTRIBUTES = [
    "toxicity", "severe_toxicity", "insult", "profanity", "identity_attack", "threat", "spam", "sexism",
]


def rows(paths):
    """Yields the rows of JSON lines files, plain or gzip."""
    for path in paths:
        opened = gzip.open(path, "rt", encoding="utf-8") if path.endswith(".gz") else open(path, encoding="utf-8")
        with opened as lines:
            for line in lines:
                if line.strip():
                    yield json.loads(line)


def truths(data, attribute):
    """Returns the numbers of the rows that have a label, and the labels."""
    known = [i for i, row in enumerate(data) if row.get("labels", {}).get(attribute) is not None]
    return known, numpy.array([data[i]["labels"][attribute] >= 0.5 for i in known])


def quality(scores, truth):
    """Returns the figures of one slice."""
    both = 0 < truth.sum() < len(truth)
    return {
        "rows": len(truth),
        "positives": int(truth.sum()),
        "roc_auc": float(roc_auc_score(truth, scores)) if both else None,
        "average_precision": float(average_precision_score(truth, scores)) if truth.any() else None,
    }


class Stopwatch:
    """Measures by the clock and by the processor."""

    def __init__(self):
        self.clock, self.processor = time.perf_counter(), time.process_time()

    def seconds(self):
        """Returns both times since the start."""
        return time.perf_counter() - self.clock, time.process_time() - self.processor


def fit(train):
    """Returns the features and one model for each attribute that has labels of both kinds."""
    features = FeatureUnion([
        ("words", TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, max_features=200_000, dtype=numpy.float32)),
        ("chars", TfidfVectorizer(
            analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, max_features=300_000, dtype=numpy.float32)),
    ])
    matrix = features.fit_transform([row["text"] for row in train])
    models = {}
    for attribute in ATTRIBUTES:
        known, truth = truths(train, attribute)
        if 0 < truth.sum() < len(truth):
            models[attribute] = LogisticRegression(solver="liblinear", C=4.0).fit(matrix[known], truth)
    return features, models


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", nargs="+", required=True, help="JSON lines to learn from")
    parser.add_argument("--dev", nargs="+", required=True, help="JSON lines to measure quality and batches on")
    parser.add_argument("--time", nargs="+", help="JSON lines to time one by one; those of --dev unless given")
    parser.add_argument("--rows-timed", type=int, default=500, help="at most so many rows are timed one by one")
    parser.add_argument("--keep", help="a file to keep what was trained in; where it exists, nothing is trained")
    args = parser.parse_args()
    dev = list(rows(args.dev))

    if args.keep and os.path.exists(args.keep):
        features, models, train_rows, train_seconds = joblib.load(args.keep)
    else:
        train = list(rows(args.train))
        watch = Stopwatch()
        features, models = fit(train)
        train_rows, train_seconds = len(train), watch.seconds()
        if args.keep:
            joblib.dump((features, models, train_rows, train_seconds), args.keep)

    watch = Stopwatch()
    matrix = features.transform([row["text"] for row in dev])
    scores = {attribute: model.predict_proba(matrix)[:, 1] for attribute, model in models.items()}
    batch = [seconds * 1e6 / len(dev) for seconds in watch.seconds()]

    texts = [row["text"] for row in rows(args.time or args.dev)][:args.rows_timed]
    each = []
    for text in texts:
        watch = Stopwatch()
        row = features.transform([text])
        for model in models.values():
            model.predict_proba(row)
        each.append([seconds * 1e6 for seconds in watch.seconds()])
    each = numpy.array(each)

    measured = {}
    for attribute in models:
        known, truth = truths(dev, attribute)
        if not known:
            continue
        picked = scores[attribute][known]
        sources = numpy.array([dev[i].get("source", "unnamed") for i in known])
        measured[attribute] = {"pooled": quality(picked, truth)}
        for source in dict.fromkeys(sources):
            measured[attribute][source] = quality(picked[sources == source], truth[sources == source])

    print(json.dumps({
        "scikit_learn": sklearn.__version__,
        "python": platform.python_version(),
        "order": ["clock", "processor"],
        "train_rows": train_rows,
        "train_seconds": [round(seconds, 1) for seconds in train_seconds],
        "one_by_one_rows": len(texts),
        "one_by_one_micros_median": [round(float(micros), 1) for micros in numpy.median(each, axis=0)],
        "one_by_one_micros_mean": [round(float(micros), 1) for micros in numpy.mean(each, axis=0)],
        "batch_rows": len(dev),
        "batch_micros": [round(micros, 1) for micros in batch],
        "quality": measured,
    }, indent=1))


if __name__ == "__main__":
    main()
