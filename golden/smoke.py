# The smoke flow by River and NumPy over a file of PurpleAir's history layout: python3 smoke.py HISTORY.csv.gz OUT.json
# A reading is the mean of pm2.5_cf_1_a and pm2.5_cf_1_b, or the one that is there. One model a sensor: score, then learn.
# Readings that score above S and are above P, in windows of 12 h aligned at 2022-07-18T00:00Z, times in epoch seconds.
import csv, gzip, json, sys
import numpy as np
from river import anomaly

ALIGN, LENGTH = 1658102400, 12 * 3600
models, scored, total = {}, [], 0.0
for row in csv.DictReader(gzip.open(sys.argv[1], 'rt')):
    channels = [float(row[k]) for k in ('pm2.5_cf_1_a', 'pm2.5_cf_1_b') if row[k] not in ('', 'null', 'nan')]
    if not channels:
        continue
    value, sensor = sum(channels) / len(channels), row['id']
    model = models.setdefault(sensor, anomaly.HalfSpaceTrees(
        n_trees=4, height=3, window_size=50, limits={'x': (0., 1200.)}, seed=11))
    score = model.score_one({'x': value})
    model.learn_one({'x': value})
    total += score
    scored.append((score, value, sensor, int(row['time_stamp'])))


def windows(score_min, pm_min):
    gathered = {}
    for score, value, sensor, time in scored:
        if score > score_min and value > pm_min:
            gathered.setdefault((time - ALIGN) // LENGTH, []).append((sensor, time, value))
    out = []
    for number in sorted(gathered):
        own = gathered[number]
        sensors = sorted({sensor for sensor, _, _ in own})
        values = np.array([value for _, _, value in own])
        variance, malfunction = None, False
        if len(sensors) < 2:
            if len(own) < 10:
                malfunction = True
            else:
                variance = float(values.std() / values.mean())
                malfunction = variance > .3
        out.append(dict(
            window_start=ALIGN + number * LENGTH, window_end=ALIGN + (number + 1) * LENGTH, sensors=sensors,
            count_sensors=len(sensors), count_anomalies=len(own), min_event=min(time for _, time, _ in own),
            max_pm25=float(values.max()), variance=variance, malfunction=bool(malfunction)))
    return out


pairs = ((.7, 50), (.3, 20), (.1, 12))
result = dict(rows=len(scored), sensors=len(models), score_sum=total, windows={f'{s},{p}': windows(s, p) for s, p in pairs})
json.dump(result, open(sys.argv[2], 'w'))
