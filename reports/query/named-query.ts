/** The SQL files of `queries/`, by name. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** No file in `queries/` has this name. */
export class NoSuchQuery extends Error {
  override readonly name = "NoSuchQuery";
}

/** The text of `queries/<name>.sql`. @throws {NoSuchQuery} */
export function namedQuery(name: string): string {
  const names = queryNames();
  if (!names.includes(name)) throw new NoSuchQuery(`There is no query named "${name}"; there are ${names.join(", ")}`);
  return readFileSync(`${folder()}/${name}.sql`, "utf8");
}

export function queryNames(): string[] {
  return readdirSync(folder())
    .filter((file) => file.endsWith(".sql"))
    .map((file) => file.slice(0, -".sql".length))
    .sort();
}

/** A bundled function has `queries/` beside it (SST's `copyFiles`), a source file one folder above. */
function folder(): string {
  const beside = fileURLToPath(new URL("./queries", import.meta.url));
  return existsSync(beside) ? beside : fileURLToPath(new URL("../../queries", import.meta.url));
}
