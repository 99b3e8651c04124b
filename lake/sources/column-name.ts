/**
 * Makes a name for the column of a key: lower snake case, different from the names that are taken, from the partition's name,
 * and from the lake's own names, which begin with `_`.
 */
export function columnName(key: string, taken: ReadonlySet<string>): string {
  const snake = key
    .replace(/([a-z\d])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "");
  const base = snake === "date" ? "event_date" : /^[a-z]/.test(snake) ? snake : `field_${snake || "unnamed"}`;
  for (let n = 1; ; n++) {
    const name = n === 1 ? base : `${base}_${n}`;
    if (!taken.has(name)) return name;
  }
}
