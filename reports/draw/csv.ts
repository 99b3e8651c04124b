/** A report's figures as one long CSV: a value a row, with the exact number and not the text of the page. RFC 4180. */

type Leaf = bigint | number | string | boolean | null;

/**
 * @param figures - Objects, arrays and leaves.
 * @returns `figure,value` lines; `apis.0.classes.serverError` names the path to the value in report.json.
 */
export function csvOf(figures: unknown): string {
  const lines = ["figure,value"];
  const walk = (value: unknown, path: string) => {
    if (typeof value === "object" && value !== null)
      for (const [key, item] of Object.entries(value)) walk(item, path ? `${path}.${key}` : key);
    else lines.push(`${cell(path)},${cell(value as Leaf)}`);
  };
  walk(figures, "");
  return `${lines.join("\r\n")}\r\n`;
}

function cell(value: Leaf): string {
  if (value === null) return "";
  const text = String(value);
  // A spreadsheet would run text that begins like a formula, and paths come from whoever sends a request.
  const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) && text !== "-" ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
