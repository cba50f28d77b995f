"""Seconds of scikit-learn's IsolationForest: fit with its offset, and score, on the snapshot and on 100,000 x 14."""
import json
import time

import numpy as np
from sklearn.ensemble import IsolationForest
from snapshot import imputed_snapshot

ROUNDS = 5


def rounds(x):
    fit, score = [], []
    for _ in range(ROUNDS):
        forest = IsolationForest(n_estimators=100, contamination=0.01, random_state=42)
        started = time.perf_counter()
        forest.fit(x)
        fitted = time.perf_counter()
        forest.score_samples(x)
        fit.append(fitted - started)
        score.append(time.perf_counter() - fitted)
    return fit, score


figures = {}
for name, x in {
    "snapshot": imputed_snapshot(),
    "100k-14": np.random.default_rng(42).normal(20, 5, (100_000, 14)),
}.items():
    figures[f"forest-fit-{name}"], figures[f"forest-score-{name}"] = rounds(x)
print(json.dumps(figures))
