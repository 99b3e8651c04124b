/**
 * Runs the app's own `sst.config.ts` and stacks against SST's own components, with neither AWS nor the Pulumi engine.
 *
 * The steps are those of the SST CLI: read `app()`, bundle `run()` with the providers and the `$` globals in scope,
 * start the RPC server that components call, run the bundle in a process of its own. Only the engine at the far end
 * is another (`pulumi-engine.ts`). Relies on four files of the platform that `sst install` writes: the shim, `auto/run.ts`,
 * `components` and the provider lock.
 */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type BuildOptions, build, type Plugin } from "esbuild";
import { ACCOUNT_ID, type Place, placeOf } from "./aws-model.ts";
import { Graph, type GraphDocument } from "./graph.ts";
import { REQUIRE_IN_ESM } from "./require-in-esm.ts";
import { serveRpc } from "./rpc-server.ts";

const exec = promisify(execFile);
const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
const platform = join(root, ".sst/platform");

/** Packages that stay outside the bundle and come from the platform's own node_modules. */
const SEPARATE = [
  "@pulumi/*",
  "@pulumiverse/*",
  "@sst-provider/*",
  "@aws-sdk/*",
  "undici",
  "esbuild",
  "archiver",
  "glob",
  "vite",
];

let runs = 0;

/** A run takes some seconds; this is far beyond a slow machine. */
const RUN_TIMEOUT_MS = 180_000;

/**
 * The graph of what `sst deploy --stage …` would create. The archives of code in it are empty: no handler is built, so
 * that the graph is there in seconds and says nothing about code.
 *
 * @param options.config - A file to take in place of `sluice.config.ts`.
 * @throws With SST's or the stacks' own message when the program fails: an unknown placeholder, a
 *   duplicate name, an error inside an `apply`, a promise that never resolves.
 */
export async function synth(stage: string, { config }: { config?: string } = {}): Promise<Graph> {
  if (!existsSync(join(platform, "node_modules")))
    throw new Error("SST's platform is missing: run `npm run sst:install` once (a minute, 330 MB under .sst/)");
  // Several runs may go on at once: a test's and a person's.
  const run = `${stage}-${process.pid}-${runs++}`;
  const work = join(root, ".sst/synth", run);
  const bundles = ["app", "program"].map((name) => join(platform, `synth-${run}-${name}.mjs`)) as [string, string];
  mkdirSync(work, { recursive: true });
  const functions: GraphDocument["functions"] = {};
  try {
    const plugins = config ? [inPlaceOfConfig(config)] : [];
    const app = await readApp(bundles[0], stage, plugins);
    const { region } = app.providers.aws;
    // The embedded cloud is one of the partition `aws`, whichever region it says that it is.
    const place = { ...placeOf(region), ...(stage === "local" && { partition: "aws", dnsSuffix: "amazonaws.com" }) };
    const out = join(work, "graph.json");
    await bundleProgram(bundles[1], { app, place, out, work, plugins });
    const server = await serveRpc({
      "Provider.Aws.Bootstrap": () => ({
        version: 99,
        asset: "sst-asset",
        state: "sst-state",
        assetEcrRegistryId: ACCOUNT_ID,
        assetEcrUrl: `${ACCOUNT_ID}.dkr.ecr.${region}.amazonaws.com/sst-asset`,
      }),
      "Runtime.AddTarget": () => true,
      "Runtime.Build": ({ functionID, handler, runtime, copyFiles = [], properties = {} }: BuildRequest) => {
        functions[functionID] = {
          handler,
          runtime,
          install: Object.keys(properties.install ?? {}).sort(),
          versions: properties.install ?? {},
          copyFiles: copyFiles.map(({ from, to }) => ({ from: relative(root, from), to })),
        };
        const out = join(work, "functions", functionID);
        mkdirSync(out, { recursive: true });
        return { out, handler: "bundle.handler", errors: [], sourcemaps: [] };
      },
    });
    try {
      await exec(process.execPath, ["--enable-source-maps", "--no-warnings", bundles[1]], {
        cwd: root,
        timeout: RUN_TIMEOUT_MS,
        env: { PATH: process.env.PATH, HOME: process.env.HOME, SST_SERVER: server.url, SST_AWS_REGION: region },
      }).catch((error) => {
        throw new Error(`sst.config.ts failed for stage "${stage}"\n${error.stderr || error.message}`);
      });
    } finally {
      server.close();
    }
    return new Graph({ ...JSON.parse(readFileSync(out, "utf8")), functions });
  } finally {
    for (const file of bundles) for (const suffix of ["", ".map"]) rmSync(file + suffix, { force: true });
    rmSync(work, { recursive: true, force: true });
  }
}

/** A build that SST's components ask the CLI for. */
interface BuildRequest {
  functionID: string;
  /** File and export, such as `functions/parse.handler`. */
  handler: string;
  runtime: string;
  copyFiles?: { from: string; to: string }[];
  properties?: { install?: Record<string, string> };
}

interface App {
  name: string;
  stage: string;
  removal: string;
  protect: boolean;
  providers: { aws: { region: string; version?: string } };
}

/** `app()` with the defaults that the CLI fills in. It runs before any global but `$config` exists. */
async function readApp(outfile: string, stage: string, plugins: Plugin[]): Promise<App> {
  const config = join(root, "sst.config.ts");
  await bundle(outfile, {
    contents: `import config from ${literal(config)}; console.log(JSON.stringify(await config.app({ stage: ${literal(stage)} })));`,
    banner: "function $config(input) { return input }",
    plugins: [
      ...plugins,
      {
        name: "no-imports-at-the-top-level",
        setup: (pipeline) =>
          pipeline.onResolve({ filter: /.*/ }, ({ importer, kind, path }) =>
            importer === config && kind === "import-statement"
              ? { errors: [{ text: `sst.config.ts imports "${path}"; SST allows imports only inside run()` }] }
              : undefined,
          ),
      },
    ],
  });
  const { stdout } = await exec(process.execPath, ["--no-warnings", outfile], { cwd: root });
  return { protect: false, removal: "retain", ...JSON.parse(stdout), stage };
}

async function bundleProgram(
  outfile: string,
  { app, place, out, work, plugins }: { app: App; place: Place; out: string; work: string; plugins: Plugin[] },
): Promise<void> {
  // The version chooses the package; everything else configures the provider.
  const { version: _, ...aws } = app.providers.aws;
  const input = { app: { name: app.name, stage: app.stage, providers: { aws } }, place, out };
  const paths = { home: work, root, work, platform };
  await bundle(outfile, {
    contents: `
      import { record } from ${literal(join(here, "pulumi-engine.ts"))};
      import { run } from ${literal(join(platform, "src/auto/run.ts"))};
      import config from ${literal(join(root, "sst.config.ts"))};
      await record(${literal(input)}, () => run(config.run));`,
    define: {
      $app: literal(app),
      $cli: literal({ command: "deploy", dev: false, paths, state: { version: {} } }),
      $dev: "false",
    },
    inject: [join(platform, "src/shim/run.js")],
    plugins: [...plugins, providersInScope()],
  });
}

async function bundle(
  outfile: string,
  {
    contents,
    banner = "",
    ...options
  }: { contents: string; banner?: string } & Pick<BuildOptions, "define" | "inject" | "plugins">,
): Promise<void> {
  await build({
    ...options,
    stdin: { contents, resolveDir: root, sourcefile: basename(outfile), loader: "ts" },
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    mainFields: ["module", "main"],
    nodePaths: [join(platform, "node_modules")],
    external: SEPARATE,
    sourcemap: "linked",
    logLevel: "silent",
    banner: { js: `${REQUIRE_IN_ESM}\n${banner}` },
  });
}

/** Answers imports of `sluice.config.ts` with another file, which may import the shipped one and change it. */
function inPlaceOfConfig(file: string): Plugin {
  return {
    name: "in-place-of-config",
    setup: (pipeline) =>
      pipeline.onResolve({ filter: /(^|\/)sluice\.config\.ts$/ }, ({ importer }) =>
        importer === file ? undefined : { path: file },
      ),
  };
}

/** `sst`, `aws` and every other provider of the lock are in scope in all of the app's files. */
function providersInScope(): Plugin {
  const lock: { alias: string; package: string }[] = JSON.parse(
    readFileSync(join(root, ".sst/provider-lock.json"), "utf8"),
  );
  const imports = [
    ...lock.map((provider) => `import * as ${provider.alias} from ${literal(provider.package)};`),
    `import * as sst from ${literal(join(platform, "src/components"))};`,
  ].join(" ");
  return {
    name: "providers-in-scope",
    setup: (pipeline) =>
      pipeline.onLoad({ filter: /\.(js|ts|jsx|tsx)$/ }, ({ path }) =>
        path.startsWith(join(root, ".sst")) || path.startsWith(here)
          ? undefined
          : { contents: `${imports} ${readFileSync(path, "utf8")}`, loader: "default" },
      ),
  };
}

/** A literal for generated code. */
function literal(value: unknown): string {
  return JSON.stringify(value);
}
