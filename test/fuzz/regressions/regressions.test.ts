import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type KeptCase, replay } from "../replay.ts";

const folder = new URL("./", import.meta.url);

describe("what fuzzing found before", () => {
  it.each(readdirSync(folder).filter((name) => name.endsWith(".json")))("%s is right now", async (name) => {
    expect(await replay(JSON.parse(readFileSync(new URL(name, folder), "utf8")) as KeptCase)).toBeUndefined();
  });
});
