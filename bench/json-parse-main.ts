/** The limit of every flow over JSON lines: FILE read and each line parsed, and nothing else. */
import { createReadStream } from 'node:fs';

const NEWLINE = 10;

let rest = Buffer.alloc(0);
let parsed = 0;
for await (const chunk of createReadStream(process.argv[2] ?? '', { highWaterMark: 2 ** 18 })) {
  const bytes = Buffer.concat([rest, chunk as Buffer]);
  let at = 0;
  for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, at)) {
    if (JSON.parse(bytes.toString('utf8', at, end)) !== null) parsed++;
    at = end + 1;
  }
  rest = bytes.subarray(at);
}
process.stdout.write(`${parsed}\n`);
