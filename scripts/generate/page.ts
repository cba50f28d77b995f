/** A file that is made from the sources. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

export const MADE_BY = '<!-- Made by `npm run generate`. Do not edit. -->';

/** Text as it may stand in a cell of a Markdown table. */
export function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ');
}
