/**
 * Values as whole numbers. A channel's unit is an eighth of the error that it may have, so that a value sent in units is within
 * a sixteenth of it; what is filled in afterwards comes in steps of 15 units, within fifteen sixteenths.
 */
import { LinnetError } from '../base/error.ts';

export const UNITS_AN_EPSILON = 8;
/** Units from one filled-in value to the next. */
export const STEP = 2 * UNITS_AN_EPSILON - 1;
/** Stands where there is no value. */
export const NONE = -(2 ** 31);
/** The largest value, so that a difference of two still is a 32-bit number. */
export const UNITS_MAX = 2 ** 30 - 1;

/** @throws LinnetError `config.invalid` */
export function unitOf(epsilon: number): number {
  const unit = epsilon / UNITS_AN_EPSILON;
  if (!(unit > 0 && Number.isFinite(unit) && 1 / unit < Infinity)) {
    throw new LinnetError('config.invalid', `epsilon: ${epsilon} is not above 0`);
  }
  return unit;
}

/** @throws LinnetError `data.invalid` for a value that does not fit 31 bits */
export function toUnits(value: number, unit: number): number {
  const units = Math.round(value / unit);
  if (Math.abs(units) <= UNITS_MAX) return units + 0;
  throw new LinnetError('data.invalid', `${value} is too large for steps of ${unit}`);
}

export function clampUnits(units: number): number {
  return units > UNITS_MAX ? UNITS_MAX : units < -UNITS_MAX ? -UNITS_MAX : units;
}
