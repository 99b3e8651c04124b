import { randomBytes } from "node:crypto";
import { z } from "zod";
import { environment } from "../aws/environment.ts";
import { copyObject } from "../aws/objects.ts";
import { putLink } from "../aws/reports/links.ts";
import { claimVersion, sealDay } from "../aws/reports/versions.ts";
import type { ObjectRef } from "../lake/object-ref.ts";
import { reportPlan } from "../reports/plan.ts";
import { task } from "./task.ts";

const MS_PER_DAY = 86_400_000;

const publishInput = z.object({
  plan: reportPlan,
  drawn: z.object({
    version: z.int().positive(),
    hash: z.string(),
    generatedAtMs: z.number(),
    files: z.array(z.object({ name: z.string(), bucket: z.string(), key: z.string(), contentType: z.string() })),
  }),
});

interface Published {
  report: string;
  date: string;
  version: number;
  pdf: ObjectRef;
  html: ObjectRef;
  json: ObjectRef;
  csv: ObjectRef;
  /** The text of the e-mail, without its link. */
  mail: ObjectRef;
  link: string;
  /** ISO 8601. */
  linkExpiresAt: string;
}

/**
 * Makes a drawn report the published version and gives it a link.
 *
 * The same figures again are the same version under the same link, whose end moves; other figures are the next version.
 *
 * @throws {VersionTaken} When another execution published this version with other figures meanwhile.
 */
export async function publish({ plan, drawn }: z.output<typeof publishInput>): Promise<Published> {
  const { report, date } = plan;
  const { version } = drawn;
  const { linkToken } = await claimVersion({
    report,
    date,
    version,
    hash: drawn.hash,
    generatedAtMs: drawn.generatedAtMs,
    linkToken: randomBytes(24).toString("base64url"),
  });
  const files: Record<string, ObjectRef> = {};
  for (const { name, bucket, key } of drawn.files) {
    const target = { bucket: environment("RESULTS_BUCKET"), key: `reports/${report}/${date}/v${version}/${name}` };
    await copyObject({ bucket, key }, target);
    files[name.slice(name.lastIndexOf(".") + 1)] = target;
  }
  const { pdf, html, json, csv, txt } = files;
  if (!pdf || !html || !json || !csv || !txt)
    throw new Error(`A file of the report is missing: ${Object.keys(files).join(", ")}`);
  // A day that is not over yet stays open.
  if (plan.startedAtMs >= plan.endMs) for (const utcDate of plan.utcDates) await sealDay(plan.source, utcDate);
  const expiresAtMs = Date.now() + plan.linkDays * MS_PER_DAY;
  await putLink(linkToken, { report, date, version, files: { pdf, html, json, csv }, expiresAtMs });
  return {
    report,
    date,
    version,
    pdf,
    html,
    json,
    csv,
    mail: txt,
    link: `${environment("REPORT_LINK_URL").replace(/\/?$/, "/")}${linkToken}`,
    linkExpiresAt: new Date(expiresAtMs).toISOString(),
  };
}

export const handler = task(publishInput, publish);
