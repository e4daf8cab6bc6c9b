/** Line and column of an offset in a template, both from 1. Columns count characters, not UTF-16 units. */
export function positionOf(template: string, offset: number): string {
  const lines = template.slice(0, offset).split(/\r\n|\n|\r/);
  return `Line ${lines.length}, column ${[...(lines.at(-1) ?? '')].length + 1}`;
}
