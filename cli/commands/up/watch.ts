/** `sluice up --watch`: deploys again when a file changes that the deployed functions or stacks are made of. */
import { watch as watchFiles } from "node:fs";
import { join, sep } from "node:path";

/** Files that the manifest is made of; the functions are bundled from some of them as well. */
const DEFINITIONS: readonly string[] = ["stacks", "statemachines", "queries", "sluice.config.ts", "sst.config.ts"];
/** Files that only the functions are made of, and the manifest itself. */
const CODE: readonly string[] = ["functions", "aws", "lake", "reports", join("local", "manifest.json")];
/** Editors write a file in several steps, and a change is often in several files. */
const SETTLE_MS = 200;

interface WatchOptions {
  /** The project's folder. */
  root: string;
  /** Makes the manifest again. */
  synth(): Promise<void>;
  /** Deploys the manifest and the functions as they are now. */
  deploy(): Promise<void>;
  /** Tells a person. */
  say(text: string): void;
}

/**
 * Watches a project, one deployment at a time. What fails is told and leaves what was deployed before.
 *
 * @returns Ends the watching.
 */
export function watchProject({ root, synth, deploy, say }: WatchOptions): () => void {
  const changed = new Set<string>();
  let settling: NodeJS.Timeout | undefined;
  let working = false;

  const work = async () => {
    if (working || changed.size === 0) return;
    working = true;
    const paths = [...changed].sort();
    changed.clear();
    say(
      `Changed: ${paths.length > 3 ? `${paths.slice(0, 3).join(", ")} and ${paths.length - 3} more` : paths.join(", ")}`,
    );
    try {
      if (paths.some((path) => belongsTo(path, DEFINITIONS))) await synth();
      await deploy();
      say("Deployed again. Executions under way go on.");
    } catch (error) {
      say(`Not deployed, what was there before stays: ${(error as Error).message}`);
    } finally {
      working = false;
    }
    // What changed meanwhile, unless it is still changing.
    if (!settling) await work();
  };
  const note = (path: string) => {
    if (!belongsTo(path, DEFINITIONS) && !belongsTo(path, CODE)) return;
    changed.add(path);
    clearTimeout(settling);
    settling = setTimeout(() => {
      settling = undefined;
      void work();
    }, SETTLE_MS);
  };

  const folders = [...new Set([...DEFINITIONS, ...CODE].map((path) => path.split(sep)[0]!))].filter(
    (name) => !name.endsWith(".ts"),
  );
  const watchers = [
    watchFiles(root, (_, name) => name && note(name)),
    ...folders.map((folder) =>
      watchFiles(join(root, folder), { recursive: true }, (_, name) => name && note(join(folder, name))),
    ),
  ];
  return () => {
    clearTimeout(settling);
    for (const watcher of watchers) watcher.close();
  };
}

function belongsTo(path: string, places: readonly string[]): boolean {
  return places.some((place) => path === place || path.startsWith(place + sep));
}
