/**
 * The embedded cloud: one process that deploys the synthesised stacks into itself and speaks AWS on loopback.
 *
 * ```ts
 * const cloud = await startCloud({ dir: ".sluice", port: 4400, manifest, root: process.cwd(), log: console.error });
 * // AWS_ENDPOINT_URL=cloud.endpoint makes any SDK client or the AWS CLI talk to it.
 * await cloud.stop();
 * ```
 *
 * Where to look: `server.ts` and `protocol/` the wire; `deploy/` a module per resource type; a folder per service;
 * `engine/` and `states/` Step Functions; `store.ts` what survives; `faults.ts` what may go wrong on purpose.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { apiTaskHost, Engine, realClock, SqliteStore } from "../engine/index.ts";
import { Deliveries } from "./delivery/deliveries.ts";
import { deploy } from "./deploy/index.ts";
import { FUNCTION_URL_PATH } from "./deploy/local-urls.ts";
import type { Manifest } from "./deploy/manifest.ts";
import { FaultPlan, type FaultPlanInput } from "./faults.ts";
import { lockFolder, removeNote, writeNote } from "./running-cloud.ts";
import { DuckDbEngine } from "./services/athena/duckdb-engine.ts";
import { ExecutionRecords } from "./services/athena/execution-records.ts";
import { NamedQueries } from "./services/athena/named-queries.ts";
import { QueryExecutions } from "./services/athena/query-executions.ts";
import { athenaService } from "./services/athena/service.ts";
import { WorkGroups } from "./services/athena/work-groups.ts";
import { Alarms } from "./services/cloudwatch/alarms.ts";
import { Metrics } from "./services/cloudwatch/metrics.ts";
import { cloudWatchService } from "./services/cloudwatch/service.ts";
import { Dynalite } from "./services/dynamodb/dynalite.ts";
import { dynamoDbService } from "./services/dynamodb/service.ts";
import { TimesToLive } from "./services/dynamodb/times-to-live.ts";
import { EventBus } from "./services/events/event-bus.ts";
import { eventsService } from "./services/events/service.ts";
import { Catalog } from "./services/glue/catalog.ts";
import { Crawlers } from "./services/glue/crawlers.ts";
import { s3TableObjects } from "./services/glue/s3-table-objects.ts";
import { glueService } from "./services/glue/service.ts";
import { AsyncEvents } from "./services/lambda/async-events.ts";
import { answerFunctionUrl } from "./services/lambda/function-url.ts";
import { Functions } from "./services/lambda/functions.ts";
import { lambdaService } from "./services/lambda/service.ts";
import { LogGroups } from "./services/logs/log-groups.ts";
import { logsService } from "./services/logs/service.ts";
import { Pipes } from "./services/pipes/pipes.ts";
import { S3Http } from "./services/s3/http.ts";
import { applyLifecycle } from "./services/s3/lifecycle.ts";
import { Notifications } from "./services/s3/notifications.ts";
import { ObjectStore } from "./services/s3/object-store.ts";
import { Schedules } from "./services/scheduler/schedules.ts";
import { schedulerService } from "./services/scheduler/service.ts";
import { Secrets } from "./services/secretsmanager/secrets.ts";
import { secretsManagerService } from "./services/secretsmanager/service.ts";
import { type Mail, Outbox } from "./services/sns/outbox.ts";
import { snsService } from "./services/sns/service.ts";
import { Topics } from "./services/sns/topics.ts";
import { Queues } from "./services/sqs/queues.ts";
import { sqsService } from "./services/sqs/service.ts";
import { writeExecutionLogs } from "./services/stepfunctions/execution-logs.ts";
import { statesService } from "./services/stepfunctions/service.ts";
import { taskCalls } from "./services/stepfunctions/task-calls.ts";
import { watchExecutions } from "./services/stepfunctions/watch-executions.ts";
import { stsService } from "./services/sts/service.ts";
import { Store } from "./store.ts";
import { ServiceRegistry } from "./wire/protocols/index.ts";
import { startServer } from "./wire/server.ts";

/** How often lifecycle rules are looked at. */
const TIDY_EVERY_MS = 3_600_000;

export interface CloudOptions {
  /** Where all state lies. */
  dir: string;
  /** 0 for any free port. */
  port: number;
  manifest: Manifest;
  /** The project's folder: handlers are relative to it. */
  root: string;
  /** Where the functions' bundles are kept; clouds may share it. Without it beside the project's packages. */
  bundleFolder?: string;
  log(line: string): void;
  /** Answers requests that are not for AWS, such as the console's pages; says whether it did. */
  pages?: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** What goes wrong on purpose; else as `SLUICE_FAULTS` says. */
  faults?: FaultPlanInput;
  /** Sees each line that a function prints. */
  onFunctionLog?: (functionName: string, text: string) => void;
}

export interface Cloud {
  /** Such as `http://127.0.0.1:4400`. */
  endpoint: string;
  manifest: Manifest;
  /** Calls any service in process: `call("states", "ListExecutions", {...})`. */
  call(namespace: string, operation: string, input: object): Promise<Record<string, unknown>>;
  engine: Engine;
  objects: ObjectStore;
  /** The e-mail that has been "sent", oldest first, and the file of each. */
  mail(): (Mail & { path: string })[];
  /** Deploys again: a changed manifest or changed code. Executions under way go on. */
  redeploy(manifest: Manifest): Promise<void>;
  /** Ends within a second or two. What is under way goes on at the next start. */
  stop(): Promise<void>;
}

/** @throws {Error} When another cloud has the folder or the port, or when the manifest cannot be deployed. */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const giveBack = lockFolder(options.dir);
  try {
    return await open(options, giveBack);
  } catch (error) {
    giveBack();
    throw error;
  }
}

async function open(options: CloudOptions, giveBack: () => void): Promise<Cloud> {
  const { dir, root, log } = options;
  const startedMs = Date.now();
  const { region, accountId } = options.manifest;
  const place = { region, accountId };
  const clock = realClock;
  const now = () => clock.now();
  const faults = options.faults ? new FaultPlan(options.faults) : FaultPlan.fromEnvironment();
  const stopping = new AbortController();
  let endpoint = "";

  const store = new Store(join(dir, "cloud.db"));
  const services = new ServiceRegistry({ ...place, now, stopping: stopping.signal }, { log, faults });
  const call = services.call.bind(services);

  const queues = new Queues({ store, place, now, faults });
  const deliveries = new Deliveries({ store, call, clock, log });
  const events = new EventBus({ store, deliveries });
  const outbox = new Outbox(store, join(dir, "outbox"));
  const topics = new Topics({ store, outbox, deliveries, place, now });
  const logGroups = new LogGroups(store);
  const secrets = new Secrets({ store, now });
  const notifications = new Notifications({ queues, topics, deliveries, events, place, now, log });
  const objects = new ObjectStore(store, join(dir, "s3"), now, (change) => notifications.tell(objects, change));
  const metrics = new Metrics(store);
  const alarms = new Alarms({ store, metrics, deliveries, clock, place, gauges: () => queueGauges(queues, now()) });
  const functions = new Functions({
    faults,
    place,
    endpoint: () => endpoint,
    now,
    onLog({ functionName, logGroup, logStream, timeMs, text }) {
      logGroups.write(logGroup, logStream, timeMs, text);
      options.onFunctionLog?.(functionName, text);
    },
    onInvoked({ functionName, durationMs, failed }) {
      const metric = (name: string) => ({ namespace: "AWS/Lambda", name, dimensions: { FunctionName: functionName } });
      metrics.record(metric("Invocations"), 1, now());
      metrics.record(metric("Duration"), durationMs, now());
      metrics.record(metric("Errors"), failed ? 1 : 0, now());
    },
  });
  const asyncEvents = new AsyncEvents({
    store,
    functions,
    now,
    log,
    onFailure: (targetArn, document) => deliveries.enqueue({ targetArn, payload: JSON.stringify(document) }),
  });
  const dynalite = new Dynalite(join(dir, "dynamodb"), place);
  const timesToLive = new TimesToLive(store);
  const engine = new Engine({
    store: new SqliteStore(join(dir, "engine.db")),
    host: apiTaskHost({ clock, region, callApi: taskCalls(call, () => endpoint, region) }),
    ...place,
  });
  watchExecutions(engine, { events, metrics, context: { ...place, now } });
  writeExecutionLogs(engine, logGroups, (arn) => engine.stateMachines.get(arn)?.loggingConfiguration);
  const schedules = new Schedules({ store, deliveries, clock });
  const tableObjects = s3TableObjects(objects);
  const catalog = new Catalog(store);
  const crawlers = new Crawlers({ store, catalog, objects: tableObjects });
  const workGroups = new WorkGroups(store);
  const executions = new QueryExecutions({
    records: new ExecutionRecords(store),
    engine: new DuckDbEngine({
      catalog,
      objects: tableObjects,
      readableDirectories: [join(dir, "s3")],
      spillDirectory: join(dir, "athena-spill"),
    }),
    workGroups,
    catalog,
    objects: tableObjects,
    now,
  });
  for (const service of [
    sqsService({ queues, endpoint: () => endpoint }),
    stsService({ roleOf: (accessKeyId) => functions.roleOf(accessKeyId) }),
    statesService(engine),
    snsService({ topics }),
    logsService({ logGroups }),
    secretsManagerService({ secrets }),
    lambdaService({ functions, asyncEvents }),
    dynamoDbService({ dynalite, timesToLive }),
    eventsService({ bus: events }),
    schedulerService({ schedules }),
    cloudWatchService({ metrics, alarms }),
    glueService({ catalog, crawlers }),
    athenaService({ executions, workGroups, namedQueries: new NamedQueries(store) }),
  ]) {
    services.add(service);
  }
  const setNotifications = notifications.configure.bind(notifications, objects);
  const s3 = new S3Http({ store: objects, region, now, log, faults, setNotifications });

  const pipes = new Pipes({ queues, call, clock, region, log });
  const bringUp = async (manifest: Manifest) => {
    const target = {
      call,
      objects,
      queues,
      topics,
      logGroups,
      secrets,
      endpoint: () => endpoint,
      now,
      setNotifications,
    };
    const { bundleFolder = join(root, "node_modules/.cache/sluice/bundles") } = options;
    const deployed = await deploy({ manifest, target, store, root, bundleFolder });
    await pipes.deploy(deployed.pipes);
    functions.deploy(deployed.functions, deployed.bundles);
  };

  // Requests that come before everything is up wait for it.
  const { promise: ready, resolve: isReady, reject: failed } = Promise.withResolvers<void>();
  ready.catch(() => {});
  const { server, endpoint: address } = await startServer({
    port: options.port,
    services,
    log,
    pages: options.pages,
    ready,
    s3: (request, response) => s3.handle(request, response),
    functionUrl: (name, path, request, response) =>
      answerFunctionUrl(functions, { name, path, accountId }, request, response),
    functionUrlPath: FUNCTION_URL_PATH,
  });
  endpoint = address;

  let tidying: NodeJS.Timeout | undefined;
  const end = async () => {
    stopping.abort();
    removeNote(dir);
    // First those that begin things, then those that do them; the engine lets go before its tasks are cut off.
    clearInterval(tidying);
    schedules.close();
    alarms.close();
    await pipes.close();
    engine.close();
    server.close();
    server.closeAllConnections();
    await Promise.all([
      functions.close(),
      asyncEvents.close(),
      deliveries.close(),
      executions.close(),
      crawlers.close(),
    ]);
    logGroups.flush();
    await dynalite.close();
    store.close();
    giveBack();
  };

  // Asked twice, as by an impatient Ctrl-C, it still ends once.
  let ending: Promise<void> | undefined;
  const stop = () => {
    ending ??= end();
    return ending;
  };

  const cloud: Cloud = {
    endpoint,
    manifest: options.manifest,
    call,
    engine,
    objects,
    mail: () => outbox.list().map((mail) => ({ ...mail, path: outbox.pathOf(mail) })),
    async redeploy(manifest) {
      await bringUp(manifest);
      pipes.start();
      cloud.manifest = manifest;
    },
    stop,
  };
  try {
    await bringUp(options.manifest);
    writeNote(dir, endpoint);
  } catch (error) {
    failed(error);
    await stop();
    throw error;
  }
  asyncEvents.start();
  deliveries.start();
  engine.resume();
  pipes.start();
  schedules.start();
  alarms.start();
  isReady();
  const tidy = () => void applyLifecycle(objects, now());
  tidy();
  tidying = setInterval(tidy, TIDY_EVERY_MS).unref();
  objects.sweep(startedMs).catch((error: unknown) => log(`s3: ${String(error)}`));
  return cloud;
}

function* queueGauges(queues: Queues, nowMs: number) {
  for (const { name } of queues.list()) {
    const { visible, inFlight, oldestMs } = queues.counts(name);
    const metric = (metricName: string) => ({
      namespace: "AWS/SQS",
      name: metricName,
      dimensions: { QueueName: name },
    });
    yield { metric: metric("ApproximateNumberOfMessagesVisible"), value: visible };
    yield { metric: metric("ApproximateNumberOfMessagesNotVisible"), value: inFlight };
    yield {
      metric: metric("ApproximateAgeOfOldestMessage"),
      value: oldestMs === undefined ? 0 : Math.floor((nowMs - oldestMs) / 1000),
    };
  }
}
