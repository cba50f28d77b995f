const CR = 0x0d;

/** Begin and end of each field of a line; a carriage return at its end is none of the last. */
export function fieldsOf(bytes: Uint8Array, from: number, to: number, delimiter: number): [number, number][] {
  const fields: [number, number][] = [];
  for (let start = from; ;) {
    const found = bytes.subarray(start, to).indexOf(delimiter);
    if (found < 0) {
      fields.push([start, to > start && bytes[to - 1] === CR ? to - 1 : to]);
      return fields;
    }
    fields.push([start, start + found]);
    start += found + 1;
  }
}
