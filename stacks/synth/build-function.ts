import { existsSync, mkdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type BuildFailure, build } from "esbuild";
import { REQUIRE_IN_ESM } from "./require-in-esm.ts";

/** What the SST CLI is asked to build, as its components put it. */
export interface BuildRequest {
  functionID: string;
  /** File and export, such as `functions/parse.handler`. */
  handler: string;
  runtime: string;
  copyFiles?: { from: string; to: string }[];
  properties?: { install?: Record<string, string>; minify?: boolean; esbuild?: { external?: string[] } };
}

export interface BuiltFunction {
  /** The folder of the bundle. */
  out: string;
  handler: string;
  errors: string[];
  sourcemaps: string[];
  bytes: number;
}

const EXTENSIONS = [".ts", ".tsx", ".mts", ".js", ".mjs"];

/**
 * Bundles a handler with the SST CLI's options and checks that it exports what Lambda will call, which AWS would only
 * notice at the first invocation.
 */
export async function buildFunction(root: string, out: string, request: BuildRequest): Promise<BuiltFunction> {
  const { base: exportName, path } = splitHandler(request.handler);
  const entry = EXTENSIONS.map((extension) => join(root, path + extension)).find((file) => existsSync(file));
  if (!entry) throw new Error(`Handler not found: ${request.handler}`);
  const outfile = join(out, "bundle.mjs");
  const errors: string[] = await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "es2024",
    mainFields: ["module", "main"],
    external: [
      "sharp",
      "pg-native",
      ...Object.keys(request.properties?.install ?? {}),
      ...(request.properties?.esbuild?.external ?? []),
    ],
    keepNames: true,
    minify: request.properties?.minify ?? false,
    sourcemap: "linked",
    banner: { js: REQUIRE_IN_ESM },
    logLevel: "silent",
  }).then(
    () => [],
    ({ errors }: BuildFailure) => errors.map(({ text, location }) => `${text} ${location?.file}:${location?.line}`),
  );
  if (errors.length === 0) {
    const exported = await exportsOf(outfile);
    if (!exported.includes(exportName)) errors.push(`${request.handler}: the module exports ${exported.join(", ")}`);
  }
  const bytes = errors.length ? 0 : statSync(outfile).size;
  return { out, handler: `bundle.${exportName}`, errors, sourcemaps: [`${outfile}.map`], bytes };
}

/** An empty archive in place of a bundle, for when only the infrastructure is of interest. */
export function skipBuild(out: string, request: BuildRequest): BuiltFunction {
  mkdirSync(out, { recursive: true });
  return { out, handler: `bundle.${splitHandler(request.handler).base}`, errors: [], sourcemaps: [], bytes: 0 };
}

function splitHandler(handler: string): { path: string; base: string } {
  const file = basename(handler);
  const dot = file.lastIndexOf(".");
  return { path: join(dirname(handler), file.slice(0, dot)), base: file.slice(dot + 1) };
}

async function exportsOf(file: string): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: [file],
    format: "esm",
    write: false,
    metafile: true,
    logLevel: "silent",
  });
  return Object.values(metafile.outputs)[0]?.exports ?? [];
}
