"""Seconds and peak resident megabytes of scikit-learn's KNNImputer on the snapshot."""
import json
import resource
import time

from sklearn.impute import KNNImputer
from snapshot import snapshot

ROUNDS = 3

x = snapshot()
seconds = []
for _ in range(ROUNDS):
    started = time.perf_counter()
    KNNImputer(n_neighbors=5).fit_transform(x)
    seconds.append(time.perf_counter() - started)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"knn-snapshot": seconds, "knn-snapshot-rss": [peak]}))
