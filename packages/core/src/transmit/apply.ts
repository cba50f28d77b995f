import { applyCover, type Cover } from './cover.ts';
import type { BitReader } from './message/bits.ts';
import { readCover } from './message/cover-bits.ts';
import { readSwitch } from './message/messages.ts';
import { nameOf } from './predict/choice.ts';
import type { Track } from './track.ts';

export interface Applied {
  readonly cover: Cover;
  /** In units, NONE where there was no value. */
  readonly rows: Int32Array;
  /** The predictor that foretold them. */
  readonly source: string;
}

/**
 * Moves a track on by what a message says.
 * @throws LinnetError `data.invalid`, `config.unknown`; the track is then as it was
 */
export function applyMessage(track: Track, bits: BitReader): Applied {
  const next = readSwitch(bits);
  const cover = readCover(bits, track.absent);
  bits.finish();
  const channels = track.units.length;
  const foretold = new Int32Array(cover.count * channels);
  for (let row = 0; row < cover.count; row++) track.predict(row + 1, foretold, row * channels);
  const rows = applyCover(cover, foretold, track.last);
  const source = nameOf(track.choice);
  track.settle({ rows, count: cover.count, anchors: cover.anchors }, next);
  return { cover, rows, source };
}
