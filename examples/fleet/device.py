"""A device of ten lines: reads a sensor, publishes with QoS 1. usage: device.py HOST PORT NAME COUNT"""
import json, os, random, sys
import paho.mqtt.client as mqtt

host, port, name, count = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=name, clean_session=False)
if "SECRET" in os.environ:
    client.username_pw_set(name, os.environ["SECRET"])
client.connect(host, port)
client.loop_start()
for n in range(count):
    reading = {"n": n, "temperature": round(random.gauss(21, 0.5), 2)}
    client.publish(f"tele/{name}", json.dumps(reading), qos=1).wait_for_publish(timeout=30)
client.disconnect()
