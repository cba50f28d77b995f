/**
 * What readings are likely to hold, by which a single one becomes smaller: deflate finds only what it has seen before, and of a frame with one
 * reading it has seen nothing. The likeliest stands last, where a reference to it is shortest. It belongs to version 2 of the frame and never changes.
 */
const LIKELY =
  '"error":null,"status":"ok","unit":"C","name":"","id":"","type":","lat":,"lon":-,"alt":,"rssi":-,"snr":,"uptime":,"count":,"interval":,"state":true,false,' +
  '"power":,"energy":,"current":,"frequency":50.0,"flow":,"level":,"speed":,"wind":,"rain":,"soil":,"moisture":,"vibration":,"acceleration":{"x":0.,"y":-0.,"z":,' +
  '"no2":,"o3":,"so2":,"nox":,"voc":,"co":,"co2":4,"pm1":,"pm10":,"pm25":,"pm2_5":,"pm2.5":,"smoke":,"lpg":,"motion":,"light":,"lux":,"illuminance":,"battery":9,"voltage":3.' +
  ',"value":,"temp":2,"hum":5,"press":10,{"timestamp":"2026-01-01T00:00:00.000Z","ts":17,{"time":17,"temperature":2,"humidity":5,"pressure":101';

export const FRAME_DICTIONARY: Uint8Array = new TextEncoder().encode(LIKELY);
