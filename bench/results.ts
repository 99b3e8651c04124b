/** The file of results: sections by name, each with its date and machine, so that a run of one does not date the others. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { machine } from "./machine.ts";

/** More digits of a ratio say nothing. */
const DECIMALS = 3;

export function keepResult(path: string, name: string, section: object): void {
  const before = existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as object) : {};
  const results = { ...before, [name]: { date: new Date().toISOString(), machine: machine(), ...section } };
  const text = JSON.stringify(
    results,
    (_, value) => (typeof value === "number" ? Number(value.toFixed(DECIMALS)) : value),
    2,
  );
  // Numbers of one list on one line, as the formatter has them.
  const compact = text.replaceAll(/\[\s+([-\d.,\s]+?)\s+\]/g, (_, list: string) => `[${list.replaceAll(/\s+/g, " ")}]`);
  writeFileSync(path, `${compact}\n`);
}
