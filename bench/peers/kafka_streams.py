"""Records per second of Bytewax and of Quix Streams over the topic of bench/kafka: a forest of River a sensor, its state kept for recovery,
one record in a hundred out, a commit every 100 ms. Start-up is no part of it."""
import json
import os
import pickle
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from river import anomaly

SENSORS = 1000
BYTEWAX_RECORDS, QUIX_RECORDS = 100_000, 30_000
COMMIT_S = 0.1
root = Path(__file__).parents[2]


def forest():
    return anomaly.HalfSpaceTrees(n_trees=4, height=3, window_size=50, limits={"pm": (0, 50)}, seed=42)


def score(model, reading):
    x = {"pm": reading["pm"]}
    strange = model.score_one(x)
    model.learn_one(x)
    return {"sensor": reading["sensor"], "n": reading["n"], "score": strange}


class Pace:
    """Records a second from the 5,000th record to the last one that was seen."""

    def __init__(self):
        self.count, self.first, self.last = 0, 0.0, 0.0

    def see(self):
        self.count += 1
        self.last = time.perf_counter()
        if self.count == 5000:
            self.first = self.last

    @property
    def rate(self):
        return (self.count - 5000) / (self.last - self.first)


def bytewax_rate(brokers, folder):
    from bytewax import operators as op
    from bytewax.connectors.kafka import KafkaSink, KafkaSinkMessage, KafkaSource
    from bytewax.dataflow import Dataflow
    from bytewax.recovery import RecoveryConfig, init_db_dir
    from bytewax.testing import run_main

    pace = Pace()

    def step(model, reading):
        pace.see()
        model = model or forest()
        return model, score(model, reading)

    init_db_dir(Path(folder), 1)
    flow = Dataflow("bench")
    read = op.input("in", flow, KafkaSource([brokers], ["readings"], tail=False, batch_size=5000))
    values = op.filter("records", read, lambda message: message.value is not None)
    readings = op.map("decode", values, lambda message: json.loads(message.value))
    keyed = op.key_on("sensor", readings, lambda reading: reading["sensor"])
    scored = op.stateful_map("detect", keyed, step)
    few = op.filter("one-in-a-hundred", scored, lambda pair: pair[1]["n"] % 100 == 0)
    out = op.map("encode", few, lambda pair: KafkaSinkMessage(pair[0].encode(), json.dumps(pair[1]).encode()))
    op.output("out", out, KafkaSink([brokers], "bytewax-out"))
    run_main(flow, epoch_interval=timedelta(seconds=COMMIT_S), recovery_config=RecoveryConfig(folder))
    return pace.rate


def quix_rate(brokers, folder):
    import logging

    from quixstreams import Application

    pace = Pace()
    logging.disable(logging.WARNING)
    app = Application(
        broker_address=brokers,
        consumer_group="quix",
        auto_offset_reset="earliest",
        processing_guarantee="exactly-once",
        commit_interval=COMMIT_S,
        state_dir=folder,
        loglevel=None,
    )

    def step(reading, state):
        pace.see()
        stored = state.get_bytes("model")
        model = pickle.loads(stored) if stored else forest()
        result = score(model, reading)
        state.set_bytes("model", pickle.dumps(model))
        return result

    frame = app.dataframe(app.topic("readings", value_deserializer="bytes"))
    frame = frame.filter(lambda value: value is not None).apply(json.loads).apply(step, stateful=True)
    frame = frame.filter(lambda result: result["n"] % 100 == 0)
    frame.to_topic(app.topic("quix-out", value_serializer="json"))
    app.run(count=QUIX_RECORDS, timeout=30)
    return pace.rate


def measure(name, figure):
    """In a process of its own: what one framework leaves behind is no matter of the other."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, __file__, name, figure, folder], stdout=subprocess.PIPE, check=True, text=True
        )
    return float(done.stdout.strip().split("\n")[-1])


if len(sys.argv) == 4:
    print({"bytewax": bytewax_rate, "quix": quix_rate}[sys.argv[1]](sys.argv[2], sys.argv[3]))
    sys.exit()

topic = subprocess.Popen(
    [
        os.environ["LINNET_NODE"],
        "--conditions=source",
        str(root / "bench/kafka/topic-main.ts"),
        str(BYTEWAX_RECORDS),
        str(SENSORS),
    ],
    stdin=subprocess.PIPE,
    stdout=subprocess.PIPE,
    text=True,
)
try:
    address = topic.stdout.readline().strip()
    admin = __import__("confluent_kafka.admin", fromlist=["AdminClient"])
    client = admin.AdminClient({"bootstrap.servers": address})
    for made in client.create_topics([admin.NewTopic("bytewax-out", 4, 1), admin.NewTopic("quix-out", 4, 1)]).values():
        made.result()
    print(json.dumps({name: [measure(name, address)] for name in ("bytewax", "quix")}))
finally:
    topic.stdin.close()
    topic.wait()
