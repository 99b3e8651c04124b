/** `${name}` in the strings of a state machine: what SAM and CloudFormation call a definition substitution. */
const PLACEHOLDER = /\$\{([\w-]+)\}/g;

/** The names of all placeholders, each once. */
export function placeholdersOf(text: string): string[] {
  return [...new Set([...text.matchAll(PLACEHOLDER)].map(([, name]) => name!))];
}

/** The name in a text that is one placeholder and nothing else. */
export function placeholderIn(text: string): string | undefined {
  const [name] = placeholdersOf(text);
  return text === `\${${name}}` ? name : undefined;
}

/**
 * Checks that values and placeholders are the same names.
 *
 * @throws When a placeholder has no value, or a value no placeholder.
 */
export function checkPlaceholders(machine: string, text: string, values: Record<string, unknown>): void {
  const wanted = placeholdersOf(text);
  const missing = wanted.filter((name) => !(name in values));
  if (missing.length) throw new Error(`${machine}: no value for \${${missing.join("}, ${")}}`);
  const unused = Object.keys(values).filter((name) => !wanted.includes(name));
  if (unused.length) throw new Error(`${machine}: nothing uses \${${unused.join("}, ${")}}`);
}

export function fillPlaceholders(text: string, values: Record<string, string>): string {
  return text.replace(PLACEHOLDER, (_, name: string) => values[name]!);
}
