"""Events per second of River's half-space trees, score and learn, one model, on the snapshot's pm1.0_cf_1."""
import json
import time
from pathlib import Path

from river import anomaly

EVENTS, ROUNDS = 20_000, 5

snapshot = json.loads((Path(__file__).parents[2] / "examples/purpleair/data.json").read_text())
column = snapshot["fields"].index("pm1.0_cf_1")
readings = [{"pm": record[column] or 0.0} for record in snapshot["data"] if len(record) > column]


def rate(n_trees, height, window_size, events):
    model = anomaly.HalfSpaceTrees(
        n_trees=n_trees, height=height, window_size=window_size, limits={"pm": (0, 1200)}, seed=11
    )
    started = time.perf_counter()
    for x in readings[:events]:
        model.score_one(x)
        model.learn_one(x)
    return events / (time.perf_counter() - started)


print(
    json.dumps(
        {
            "hst-10-8-72": [rate(10, 8, 72, EVENTS) for _ in range(ROUNDS)],
            "hst-4-3-50": [rate(4, 3, 50, EVENTS) for _ in range(ROUNDS)],
        }
    )
)
