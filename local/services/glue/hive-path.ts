/** Hive's way of writing partition values into folder names: `date=2026-01-17/`. */

/**
 * Reads the partition values out of a key below a table's folder.
 *
 * @param key - Such as `cloudfront/date=2026-01-17/4f-0.parquet`.
 * @param tableKey - The table's folder, with its slash, such as `cloudfront/`.
 * @param keyNames - Partition keys in order.
 * @returns Values and the folder's key with a slash at its end; null when the key does not lie in such a folder, or is
 *   hidden: Hive skips names that start with "_" or ".".
 */
export function partitionOfKey(
  key: string,
  tableKey: string,
  keyNames: readonly string[],
): { values: string[]; folderKey: string } | null {
  if (!key.startsWith(tableKey)) return null;
  const parts = key.slice(tableKey.length).split("/");
  if (parts.length <= keyNames.length || isHidden(parts.at(-1)!)) return null;
  const values: string[] = [];
  for (const [index, name] of keyNames.entries()) {
    const part = parts[index]!;
    const equals = part.indexOf("=");
    if (equals < 1 || part.slice(0, equals).toLowerCase() !== name) return null;
    values.push(unescapeHive(part.slice(equals + 1)));
  }
  return { values, folderKey: `${tableKey}${parts.slice(0, keyNames.length).join("/")}/` };
}

/** The folder that Hive would give a partition, without slashes around it. */
export function partitionFolder(keyNames: readonly string[], values: readonly string[]): string {
  return keyNames.map((name, index) => `${name}=${escapeHive(values[index]!)}`).join("/");
}

/** Files that Hive and Athena skip when they read a table. An empty name is a folder marker. */
export function isHidden(fileName: string): boolean {
  return fileName === "" || fileName.startsWith("_") || fileName.startsWith(".");
}

// Hive escapes with "%" and two hexadecimal digits, in folder names only.
function unescapeHive(text: string): string {
  return text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function escapeHive(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: Hive escapes control characters too
  return text.replace(/[\u0000-\u001f"#%'*/:=?\\\u007f{[\]^]/g, (character) => {
    return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
  });
}
