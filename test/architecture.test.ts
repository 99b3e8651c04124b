/**
 * Holds ARCHITECTURE.md to the code: which room may import which, that no two files import each other in a circle, and
 * that each folder is short enough to be read as a table of contents. Type imports count like any other.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../", import.meta.url));
const FOLDERS = "aws bench cli engine functions lake local reports stacks statemachines test".split(" ");
/** Folders of one file per thing of a kind: they may be as long as there are things. */
const FLAT_LISTS = new Set(["functions", "cli/commands", "queries", "local/deploy/resources"]);
const MAX_FILES = 16;
const MAX_LAKE_ROOMS = 12;

const files = [
  ...FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((name) => `${folder}/${name}`),
  ),
  "sluice.config.ts",
  "sst.config.ts",
].filter((name) => /\.tsx?$/.test(name) && !name.endsWith(".d.ts") && !/\/(node_modules|\.\w+)\//.test(name));
const known = new Set(files);

/** Every file with the files of ours that it imports. AssemblyScript names its imports without an ending. */
const imports = new Map(
  files.map((file) => {
    const code = readFileSync(join(root, file), "utf8").replaceAll(/^\s*(\*|\/\/|\/\*).*$/gm, "");
    const targets = [...code.matchAll(/\b(?:from|import)\s*\(?\s*"(\.{1,2}\/[^"]+)"/g)].map(([, specifier]) =>
      relative(root, join(root, dirname(file), specifier!)),
    );
    return [file, [...new Set(targets)].map((name) => (known.has(`${name}.ts`) ? `${name}.ts` : name))] as const;
  }),
);

/** Rows "| `room` | what it holds | `imports` |" of a document, in order, with full names. */
function tableOf(document: string, folder: string): [room: string, imports: string[]][] {
  const text = readFileSync(join(root, document), "utf8");
  const name = (room: string) => join(folder, room);
  return [...text.matchAll(/^\| `([\w./-]+)` \| [^|]*\|([^|]*)\|$/gm)].map(([, room, cell]) => [
    name(room!),
    [...cell!.matchAll(/`([\w./-]+)`/g)].map(([, target]) => name(target!)),
  ]);
}

const tables = [
  { document: "ARCHITECTURE.md", arrows: new Map(tableOf("ARCHITECTURE.md", ".")) },
  { document: "engine/README.md", arrows: new Map(tableOf("engine/README.md", "engine")) },
];

type Arrows = ReadonlyMap<string, readonly string[]>;

/** The room of a file: the row of the table with the longest name that its path begins with. */
function roomOf(file: string, arrows: Arrows): string | undefined {
  for (let path = file; path !== "."; path = dirname(path)) if (arrows.has(path)) return path;
  return undefined;
}

/** Files that import each other in a circle, each circle with all its files. */
function circles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const found: string[][] = [];
  const visit = (node: string) => {
    index.set(node, index.size);
    low.set(node, index.get(node)!);
    stack.push(node);
    for (const next of graph.get(node) ?? []) {
      if (!index.has(next)) visit(next);
      if (stack.includes(next)) low.set(node, Math.min(low.get(node)!, low.get(next)!));
    }
    if (low.get(node) !== index.get(node)) return;
    const circle = stack.splice(stack.indexOf(node));
    if (circle.length > 1) found.push(circle.sort());
  };
  for (const node of graph.keys()) if (!index.has(node)) visit(node);
  return found;
}

describe("imports", () => {
  it("form no circle", () => {
    expect(circles(imports)).toEqual([]);
  });

  it("notices a circle", () => {
    const graph = new Map([
      ["a", ["b"]],
      ["b", ["c"]],
      ["c", ["b"]],
    ]);
    expect(circles(graph)).toEqual([["b", "c"]]);
  });
});

describe.each(tables)("the table of arrows in $document", ({ document, arrows }) => {
  it("lists each room below those it imports", () => {
    expect(arrows.size).toBeGreaterThan(5);
    const above = new Set<string>();
    for (const [room, targets] of arrows) {
      for (const target of targets) expect([...above], `${room} imports ${target}`).toContain(target);
      above.add(room);
    }
  });

  it("allows what the code imports, and nothing that no code needs", () => {
    const needed = new Map([...arrows.keys()].map((room) => [room, new Set<string>()]));
    const forbidden: string[] = [];
    for (const [file, targets] of imports) {
      const from = roomOf(file, arrows);
      if (from === undefined) continue;
      for (const target of targets) {
        const to = roomOf(target, arrows);
        if (to === undefined || to === from) continue;
        needed.get(from)!.add(to);
        if (!arrows.get(from)!.includes(to)) forbidden.push(`${file} -> ${target}`);
      }
    }
    expect(forbidden).toEqual([]);
    for (const [room, targets] of arrows) {
      const unused = targets.filter((target) => !needed.get(room)!.has(target));
      expect(unused, `arrows of ${room} in ${document} that nothing uses`).toEqual([]);
    }
  });
});

describe("rooms", () => {
  const { arrows } = tables[0]!;

  it("hold every file outside test/ and bench/, which may import anything", () => {
    expect(files.filter((file) => !/^(test|bench)\//.test(file) && roomOf(file, arrows) === undefined)).toEqual([]);
  });

  it("are at most twelve in lake/", () => {
    const rooms = readdirSync(join(root, "lake"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(rooms.length).toBeLessThanOrEqual(MAX_LAKE_ROOMS);
  });

  it("of the engine import nothing of ours", () => {
    const abroad = [...imports].filter(
      ([file, targets]) => file.startsWith("engine/") && targets.some((target) => !target.startsWith("engine/")),
    );
    expect(abroad).toEqual([]);
  });
});

describe("folders", () => {
  const folders = Map.groupBy(files, (file) => dirname(file));

  it.each([...folders].filter(([folder]) => !FLAT_LISTS.has(folder)))("%s reads as a table of contents", (_, names) => {
    expect(names.length).toBeLessThanOrEqual(MAX_FILES);
  });
});
