/**
 * The stand-in for the Pulumi engine. Bundled by `synth.ts` together with the app and run in a process of its own:
 * answers every registration and lookup from `aws-model.ts` and records what the program asked for.
 * `$util` is all of `@pulumi/pulumi`, put in scope as the SST CLI does.
 */
// biome-ignore-all lint/suspicious/noExplicitAny: Pulumi's mocks and its monitor are not typed
import crypto from "node:crypto";
import { writeFileSync } from "node:fs";
import { lookup, models, type Place } from "./aws-model.ts";
import type { GraphDocument, Values } from "./graph.ts";

const { runtime } = $util;

interface EngineInput {
  app: { name: string; stage: string; providers: Record<string, Record<string, unknown>> };
  place: Place;
  /** The file that the recorded graph goes to. */
  out: string;
}

/** Wire values as plain JSON: secrets lose their wrapping, assets become their path, resources their URN. */
async function plain(value: any): Promise<any> {
  if (runtime.isRpcSecret(value)) return plain(runtime.unwrapRpcSecret(value));
  if ($util.Output.isInstance(value)) return plain(await (value as any).promise());
  if ($util.asset.Asset.isInstance(value) || $util.asset.Archive.isInstance(value))
    return { asset: await (value as any).path };
  if ($util.Resource.isInstance(value)) return plain(value.urn);
  if (Array.isArray(value)) return Promise.all(value.map(plain));
  if (value && typeof value === "object")
    return Object.fromEntries(await Promise.all(Object.entries(value).map(async ([k, v]) => [k, await plain(v)])));
  return value;
}

/** A run so far. */
interface Recording {
  graph: GraphDocument;
  place: Place;
  /** The model's answer to each registration, by type and name. */
  answers: Map<string, Values>;
  fail(error: any): void;
}

/** Runs the program to its end, writes the graph, or exits 1 with every failure on stderr. */
export async function record({ app, place, out }: EngineInput, program: () => Promise<any>) {
  const graph: GraphDocument = {
    app: app.name,
    stage: app.stage,
    region: place.region,
    resources: [],
    unmodelled: [],
    functions: {},
  };
  const failures = new Set<string>();
  const fail = (error: any) => void failures.add(error?.stack ?? String(error));
  let finished = false;
  process.on("unhandledRejection", fail);
  process.on("uncaughtException", fail);
  // SST registers resources long after `run()` has returned. Only when the loop has drained is every archive written
  // and every registration answered, or never will be.
  process.once("beforeExit", () => {
    if (!finished && !failures.size) fail("run() never finished: something that it awaits never resolves");
    if (failures.size) {
      process.stderr.write([...failures].join("\n") + "\n");
      process.exit(1);
    }
    graph.unmodelled = [...new Set(graph.unmodelled)].sort();
    graph.resources.sort((a, b) => (a.urn < b.urn ? -1 : 1));
    writeFileSync(out, JSON.stringify(graph));
  });

  // Physical names may end in random letters; constant bytes make every run the same.
  crypto.randomBytes = ((size: number) => Buffer.alloc(size, 1)) as typeof crypto.randomBytes;

  const recording: Recording = { graph, place, answers: new Map(), fail };
  await runtime.setMocks(modelledCloud(recording), app.name, app.stage, false, "organization");
  runtime.setAllConfig(providerConfig(app));
  recordRegistrations(recording);
  await runtime.runInPulumiStack(program).then(() => (finished = true), fail);
}

/** Answers registrations and lookups from `aws-model.ts`. */
function modelledCloud({ graph, place, answers, fail }: Recording): Parameters<typeof runtime.setMocks>[0] {
  return {
    async newResource({ type, name, inputs, custom, id }) {
      if (!custom) return { id: "", state: inputs };
      const model = models[type];
      if (!model && !type.startsWith("sst:")) graph.unmodelled.push(type);
      const answer = model?.({ ...place, name, inputs: await plain(inputs) }) ?? { id: id || name };
      answers.set(`${type}::${name}`, answer);
      return { id: answer.id, state: { ...inputs, ...answer } };
    },
    async call({ token, inputs }) {
      const asked = await plain(inputs);
      const answer = lookup(token, asked, place);
      if (!answer) fail(`The provider lookup ${token} has no model: ${JSON.stringify(asked)}`);
      return answer ?? {};
    },
  };
}

/** The settings of the providers, as Pulumi keeps them: text by `provider:setting`. */
function providerConfig({ providers }: EngineInput["app"]): Record<string, string> {
  const settings = Object.entries(providers).flatMap(([provider, options]) =>
    Object.entries(options).map(([key, value]) => [
      `${provider}:${key}`,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
  return Object.fromEntries(settings);
}

/**
 * Listens at the monitor, where every registration arrives. The mocks are told the type, name and inputs; the request
 * that reaches the monitor has the options as well.
 */
function recordRegistrations(recording: Recording): void {
  const { graph } = recording;
  const monitor: any = runtime.getMonitor();
  // Pulumi's own mock names URNs after the stack, and SST tells types from URNs.
  monitor.newUrn = (parent: string, type: string, name: string) => {
    const outer = parent?.split("::")[2];
    const qualified = outer && outer !== "pulumi:pulumi:Stack" ? `${outer}$${type}` : type;
    return `urn:pulumi:${graph.stage}::${graph.app}::${qualified}::${name}`;
  };
  const registerResource = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request: any, callback: any) =>
    registerResource(request, async (error: any, response: any) => {
      if (!error) await addResource(recording, request, response.getUrn());
      callback(error, response);
    });
  const registerResourceOutputs = monitor.registerResourceOutputs.bind(monitor);
  monitor.registerResourceOutputs = async (request: any, callback: any) => {
    const resource = graph.resources.find((other) => other.urn === request.getUrn());
    if (resource) resource.outputs = await plain(runtime.deserializeProperties(request.getOutputs()));
    registerResourceOutputs(request, callback);
  };
}

async function addResource({ graph, answers, fail }: Recording, request: any, urn: string): Promise<void> {
  if (graph.resources.some((other) => other.urn === urn)) fail(`Two resources have the URN ${urn}`);
  graph.resources.push({
    urn,
    type: request.getType(),
    name: request.getName(),
    parent: request.getParent(),
    component: !request.getCustom(),
    inputs: await plain(runtime.deserializeProperties(request.getObject())),
    attributes: answers.get(`${request.getType()}::${request.getName()}`) ?? {},
    options: {
      protect: request.getProtect(),
      retainOnDelete: request.getRetainondelete(),
      ignoreChanges: request.getIgnorechangesList(),
    },
    references: Object.fromEntries(
      [...request.getPropertydependenciesMap().entries()].map(([key, value]: any) => [key, value.getUrnsList().sort()]),
    ),
    dependencies: request.getDependenciesList().sort(),
  });
}
