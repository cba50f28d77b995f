"""Seconds of numpy for the z-scores of 10 million values, into an array that is there already."""
import json
import time

import numpy as np

ROUNDS = 5

x = np.random.default_rng(42).normal(20, 5, 10_000_000)
scores = np.empty_like(x)
seconds = []
for _ in range(ROUNDS + 1):
    started = time.perf_counter()
    np.subtract(x, x.mean(), out=scores)
    np.divide(scores, x.std(), out=scores)
    seconds.append(time.perf_counter() - started)
print(json.dumps({"zscore-10m": seconds[1:]}))  # the first one touches the memory
