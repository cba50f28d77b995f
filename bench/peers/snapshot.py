"""The bundled snapshot as scikit-learn's users load it: the numeric columns, missing as NaN."""
import json
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]


def snapshot():
    data = json.loads((ROOT / "examples/purpleair/data.json").read_text())
    columns = json.loads((ROOT / "golden/purpleair_batch.json").read_text())["columns"]
    at = [data["fields"].index(name) for name in columns]
    return np.array([[float("nan") if row[i] is None else float(row[i]) for i in at] for row in data["data"]])


def imputed_snapshot():
    x = snapshot()
    for row, column, value in json.loads((ROOT / "golden/purpleair_batch.json").read_text())["imputed"]:
        x[row, column] = value
    return x
