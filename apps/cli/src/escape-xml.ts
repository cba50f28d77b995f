/** Text as it may stand in XML, in an attribute too: no markup, and none of the characters that XML cannot hold. */
export function escapeXml(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu, ' ')
    .replaceAll(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
