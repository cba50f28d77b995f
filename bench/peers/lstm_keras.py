"""Seconds an epoch of the gateway's LSTM in Keras, and the process's memory in MB."""
import json
import os
import resource
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
import keras
import numpy as np
from keras import layers

LOOK_BACK, FEATURES, UNITS, LEARNED, VALIDATED = 5, 9, 128, 5465, 608


class Clock(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.seconds = []

    def on_epoch_begin(self, epoch, logs=None):
        self.started = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        self.seconds.append(time.perf_counter() - self.started)


keras.utils.set_random_seed(42)
rows, sensors = np.indices((LEARNED + VALIDATED + LOOK_BACK, FEATURES))
table = 1.4 * np.sin(2 * np.pi * rows / 720 + 0.1 * sensors) + 0.05 * np.sin(rows * (sensors + 7))
windows = np.stack([table[i : i + LOOK_BACK] for i in range(LEARNED + VALIDATED)]).astype("float32")
learned, validated = windows[:LEARNED], windows[LEARNED:]
model = keras.Sequential(
    [
        keras.Input((LOOK_BACK, FEATURES)),
        layers.LSTM(UNITS, activation="relu"),
        layers.RepeatVector(LOOK_BACK),
        layers.LSTM(UNITS, activation="relu", return_sequences=True),
        layers.TimeDistributed(layers.Dense(FEATURES)),
    ]
)
model.compile(optimizer="adam", loss="mse")
clock = Clock()
model.fit(learned, learned, epochs=6, batch_size=32, validation_data=(validated, validated), verbose=0, callbacks=[clock])
rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"epoch": clock.seconds[1:], "rss": [rss]}))  # the first epoch builds the graph
