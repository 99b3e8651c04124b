/** The longest line. A value that fits on one line is on one. */
const LINE_LENGTH = 140;

/** An entry of `sources` as it stands in `sluice.config.ts`. */
export function sourceText(name: string, source: object): string {
  return `${keyText(name)}: ${valueText(source, "", keyText(name).length + 3)},`;
}

/** @param before - Characters that stand on the line before and after the value. */
function valueText(value: unknown, indent: string, before: number): string {
  const line = lineText(value);
  if (indent.length + before + line.length <= LINE_LENGTH && !holdsRecords(value)) return line;
  const inner = `${indent}  `;
  if (Array.isArray(value))
    return `[\n${value.map((item) => `${inner}${valueText(item, inner, 1)},\n`).join("")}${indent}]`;
  if (typeof value !== "object" || value === null) return line;
  const members = Object.entries(value).map(
    ([key, member]) => `${inner}${keyText(key)}: ${valueText(member, inner, keyText(key).length + 3)},\n`,
  );
  return `{\n${members.join("")}${indent}}`;
}

/** Columns and rules stand below each other, however few they are. */
function holdsRecords(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.values(value).some((item) => typeof item === "object");
}

function lineText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(lineText).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([key, member]) => `${keyText(key)}: ${lineText(member)}`)
    .join(", ")} }`;
}

const keyText = (key: string) => (/^[A-Za-z_]\w*$/.test(key) ? key : JSON.stringify(key));
