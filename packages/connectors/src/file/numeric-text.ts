const WHOLE = /^[+-]?\d+$/;

/**
 * The number that a text stands for, or nothing. `inf` is a number; hexadecimal is not; nor is a whole number with a
 * leading zero, or one so long that a double would change it: such a number is a name.
 */
export function numericText(text: string): number | undefined {
  const trimmed = text.trim();
  const first = trimmed.charCodeAt(0);
  const isDigit = first >= 0x30 && first <= 0x39;
  if (!isDigit && first !== 0x2d && first !== 0x2b && first !== 0x2e) {
    return /^inf(?:inity)?$/i.test(trimmed) ? Infinity : undefined;
  }
  const second = trimmed.charCodeAt(1);
  // 0x, 0b, 0o are numbers to JavaScript alone.
  if (first === 0x30 && second > 0x39 && second !== 0x65 && second !== 0x45) return undefined;
  const value = Number(trimmed);
  if (Number.isNaN(value)) {
    const infinite = /^([+-])inf(?:inity)?$/i.exec(trimmed);
    return infinite === null ? undefined : infinite[1] === '-' ? -Infinity : Infinity;
  }
  return isName(trimmed, value) ? undefined : value;
}

function isName(text: string, value: number): boolean {
  const isPadded = text.charCodeAt(0) === 0x30 && text.length > 1;
  if ((!isPadded && text.length <= 15) || !WHOLE.test(text)) return false;
  return isPadded || String(value) !== text.replace(/^\+/, '');
}
