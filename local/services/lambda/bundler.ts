/**
 * Bundles handlers as SST's CLI does: one ES module each, with `require` in scope, names kept, for the runtime's language
 * level.
 */
import { existsSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { type BuildFailure, build, version as esbuildVersion } from "esbuild";

const TARGETS: Record<string, string> = { "nodejs24.x": "es2024", "nodejs22.x": "es2023", "nodejs20.x": "es2023" };
const ENDINGS = [".ts", ".tsx", ".mts", ".js", ".jsx", ".mjs"];
const REQUIRE = `import { createRequire as $$makeRequire } from "node:module"; const require = $$makeRequire(import.meta.url);
import { fileURLToPath as $$toPath } from "node:url"; const __filename = $$toPath(import.meta.url); const __dirname = $$toPath(new URL(".", import.meta.url));`;

/** Changes when the builder does, and with it what it builds. */
export const BUNDLER_VERSION = `${esbuildVersion}\0${REQUIRE}`;

export interface BundleInput {
  name: string;
  handler: string;
  runtime: string;
  install: string[];
  /** Files and folders of the project that lie beside the bundle under another path or the same. */
  copyFiles?: { from: string; to: string }[];
}

/**
 * Builds functions that have the same runtime and the same packages outside: what they share is read and parsed once.
 *
 * @returns The project files that went in, relative to the project.
 * @throws {Error} With esbuild's messages, when a handler does not build or is not there.
 */
export async function buildTogether(root: string, outdir: string, group: BundleInput[]): Promise<string[]> {
  const { runtime, install } = group[0]!;
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(group.map((item) => [`${item.name}/bundle`, entryOf(root, item.handler)])),
    outdir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: TARGETS[runtime] ?? "es2022",
    mainFields: ["module", "main"],
    external: ["sharp", "pg-native", ...install],
    keepNames: true,
    sourcemap: "linked",
    // The sources are on disk. Without them in the maps the build writes a third as much.
    sourcesContent: false,
    banner: { js: REQUIRE },
    metafile: true,
    logLevel: "silent",
  }).catch((failure: BuildFailure) => {
    const lines = failure.errors.map(({ text, location }) => `${location?.file ?? ""}:${location?.line ?? ""} ${text}`);
    throw new Error(`The functions do not build:\n${lines.join("\n")}`);
  });
  for (const { name, handler } of group) {
    const output = Object.entries(metafile.outputs).find(
      ([path]) => path.endsWith(`/${name}/bundle.mjs`) || path === `${name}/bundle.mjs`,
    );
    const exportName = handler.split(".").at(-1)!;
    if (!output?.[1].exports.includes(exportName)) throw new Error(`${handler}: the module exports no "${exportName}"`);
  }
  return Object.keys(metafile.inputs)
    .map((path) => relative(root, resolve(root, path)))
    .filter((path) => !path.includes("node_modules/") && existsSync(join(root, path)));
}

function entryOf(root: string, handler: string): string {
  const name = basename(handler);
  const stem = join(root, dirname(handler), name.slice(0, name.lastIndexOf(".")));
  const found = ENDINGS.map((ending) => stem + ending).find((file) => existsSync(file));
  if (!found)
    throw new Error(`There is no handler ${handler}: looked for ${relative(root, stem)} with ${ENDINGS.join(", ")}`);
  return found;
}
