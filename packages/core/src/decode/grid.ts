import { LinnetError } from '../base/error.ts';

/**
 * Areas that are cells of a grid of so many degrees, named by their south-western corner: `42.5,-73.5` (latitude, longitude).
 * @throws LinnetError `config.invalid` for a size that is not above 0 and at most 90
 */
export function gridCells(degrees: number): (longitude: number, latitude: number) => string | null {
  if (!(degrees > 0 && degrees <= 90)) {
    throw new LinnetError('config.invalid', `grid of ${degrees} degrees: give a number above 0, at most 90`);
  }
  // Rounded to a billionth of a degree: 3 cells of 0.1 do not end in 0.30000000000000004.
  const corner = (value: number) => Math.round(Math.floor(value / degrees) * degrees * 1e9) / 1e9;
  return (longitude, latitude) =>
    Number.isFinite(longitude) && Number.isFinite(latitude)
      ? `${corner(latitude)},${corner(longitude)}`
      : null;
}
