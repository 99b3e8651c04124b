import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { build } from "esbuild";
import type { FunctionCode } from "../../stacks/synth/graph.ts";
import { REQUIRE_IN_ESM } from "../../stacks/synth/require-in-esm.ts";

const root = resolve(import.meta.dirname, "../..");

export interface Bundle {
  text: string;
  bytes: number;
  exports: string[];
  /** The text that modules of ours added to it. */
  ours: string;
}

/**
 * Bundles handlers with the SST CLI's options for Node.js. Handlers that leave the same packages out are built together:
 * each gets a bundle of its own, and what they share is parsed once.
 *
 * @returns By the name of the handler's file.
 */
export async function bundleAll(functions: readonly FunctionCode[]): Promise<Map<string, Bundle>> {
  const groups = Map.groupBy(functions, ({ install }) => install.join());
  const built = await Promise.all([...groups.values()].map(bundleGroup));
  return new Map(built.flat());
}

/** The name under which a function's bundle is found. */
export function fileOf({ handler }: FunctionCode): string {
  return basename(handler, ".handler");
}

async function bundleGroup(functions: readonly FunctionCode[]): Promise<[string, Bundle][]> {
  const { outputFiles, metafile } = await build({
    entryPoints: functions.map(entryOf),
    absWorkingDir: root,
    outdir: "out",
    bundle: true,
    write: false,
    metafile: true,
    platform: "node",
    format: "esm",
    target: "es2024",
    mainFields: ["module", "main"],
    external: ["sharp", "pg-native", ...functions[0]!.install],
    keepNames: true,
    banner: { js: REQUIRE_IN_ESM },
    logLevel: "silent",
  });
  return outputFiles.map(({ path, text, contents }) => {
    const name = basename(path, ".js");
    // esbuild puts a comment with the path before what a module added.
    const modules = text.split(/^\/\/ (?=\S+\.\w+$)/m).slice(1);
    const ours = modules.filter((module) => !module.startsWith("node_modules/")).join("");
    const { exports } = metafile.outputs[`out/${name}.js`]!;
    return [name, { text, bytes: contents.byteLength, exports, ours }];
  });
}

function entryOf(code: FunctionCode): string {
  const path = join(root, dirname(code.handler), fileOf(code));
  const entry = [".ts", ".tsx"].map((extension) => path + extension).find((file) => existsSync(file));
  if (!entry) throw new Error(`${code.handler}: there is no such file`);
  return entry;
}
