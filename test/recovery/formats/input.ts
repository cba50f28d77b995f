/** The readings that the fixtures were made of: 600, out of order by up to ten minutes, with pauses. */
export function inputLines(): string {
  return Array.from({ length: 600 }, (_, id) => {
    const pause = Math.floor(id / 97) * 45 * 60_000;
    const time = 1_700_000_000_000 + id * 20_000 + pause - ((id * 7919) % 30) * 20_000;
    return `{"id":${id},"sensor":"s${(id * id) % 11}","time":${time},"value":${(id * id) % 101}}\n`;
  }).join('');
}

/** How many of them a fixture's run had read. */
export const READ_BEFORE = 333;
