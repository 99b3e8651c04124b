import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { build } from "esbuild";
import type { FunctionCode } from "../../stacks/synth/graph.ts";
import { REQUIRE_IN_ESM } from "../../stacks/synth/require-in-esm.ts";

const root = resolve(import.meta.dirname, "../..");

/**
 * Bundles a handler with the SST CLI's options for Node.js.
 *
 * @returns The bundle's text, what it exports, and the text that each module of ours added to it, by path.
 */
export async function bundle({ handler, install }: FunctionCode) {
  const path = join(dirname(handler), handler.slice(handler.lastIndexOf("/") + 1, handler.lastIndexOf(".")));
  const entry = [".ts", ".tsx"].map((extension) => join(root, path + extension)).find((file) => existsSync(file));
  if (!entry) throw new Error(`${handler}: there is no such file`);
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    absWorkingDir: root,
    outdir: "out",
    bundle: true,
    write: false,
    metafile: true,
    platform: "node",
    format: "esm",
    target: "es2024",
    mainFields: ["module", "main"],
    external: ["sharp", "pg-native", ...install],
    keepNames: true,
    banner: { js: REQUIRE_IN_ESM },
    logLevel: "silent",
  });
  const [file] = outputFiles;
  const [output] = Object.values(metafile.outputs);
  // esbuild puts a comment with the path before what a module added.
  const modules = file!.text.split(/^\/\/ (?=\S+\.\w+$)/m).slice(1);
  const ours = modules.filter((module) => !module.startsWith("node_modules/"));
  return { text: file!.text, bytes: file!.contents.byteLength, exports: output!.exports, ours: ours.join("") };
}
