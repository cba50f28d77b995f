const DELIMITERS = [',', ';', '\t', '|'];

/** The delimiter (comma, semicolon, tab or bar) that the first line has most of outside of quotes. */
export function delimiterOf(text: string): string {
  const line = /^\s*(?:"[^"]*"|[^"\r\n])*/.exec(text)?.[0].replaceAll(/"[^"]*"/g, '') ?? '';
  const counts = DELIMITERS.map((delimiter) => line.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))] as string;
}
