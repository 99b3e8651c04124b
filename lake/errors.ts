/**
 * Every error that a state machine may name. Step Functions matches `Retry` and `Catch` against `error.name`, and
 * Lambda hands over only name, message and stack: so the name is a literal and the message holds the facts.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
 */
import { type ObjectRef, s3Uri } from "./object-ref.ts";

/** No format that the source accepts matches. Retrying cannot help, so the object is quarantined. */
export class UnknownFormat extends Error {
  override readonly name = "UnknownFormat";

  /**
   * @param text - The beginning of the text; undefined where the source's policy does not allow to quote it.
   * @param advice - What the sender can do, where `detail` does not say it.
   */
  constructor(object: ObjectRef, text: string | undefined, detail = "", advice = "") {
    const start = text === undefined ? "" : `: it starts with ${JSON.stringify(text.slice(0, 60))}`;
    super(`Cannot name the log format of ${s3Uri(object)}${detail}${start}${advice && `. ${advice}`}`);
  }
}

/** The archive is damaged somewhere, so its text cannot be trusted. The whole object is quarantined. */
export class CorruptArchive extends Error {
  override readonly name = "CorruptArchive";

  constructor(object: ObjectRef, detail: string) {
    super(`Cannot unpack ${s3Uri(object)}: ${detail}. Put a whole copy under the same key: its rows are then added.`);
  }
}

/** The archive breaks off. Its whole lines are kept, and the object is reported as truncated. */
export class TruncatedArchive extends Error {
  override readonly name = "TruncatedArchive";

  constructor(object: ObjectRef, detail: string) {
    super(
      `${s3Uri(object)} is cut: ${detail}. Whole lines before that, if there are any, are kept. Put a whole copy under the same key: its rows then replace these.`,
    );
  }
}

/** The archive unpacks to more than the limits allow: it is a bomb, or a limit is too low for this source. */
export class ArchiveTooLarge extends Error {
  override readonly name = "ArchiveTooLarge";

  constructor(object: ObjectRef, detail: string) {
    super(`Stopped unpacking ${s3Uri(object)}: ${detail}`);
  }
}

/** The fields of the records cannot be named: the object has no header that says it, or not one that can be read. */
export class MissingHeader extends Error {
  override readonly name = "MissingHeader";

  /** @param detail - What is missing, and what to do. */
  constructor(object: ObjectRef, detail: string) {
    super(`Cannot name the fields of ${s3Uri(object)}: ${detail}`);
  }
}

/** The object holds nothing, or only what is no record. It is counted and skipped. */
export class EmptyObject extends Error {
  override readonly name = "EmptyObject";

  constructor(object: ObjectRef, detail = "unpacks to nothing") {
    super(`${s3Uri(object)} ${detail}`);
  }
}

/** The version that was claimed is gone: deleted, or overwritten (then its own event runs the batch again). */
export class ObjectVanished extends Error {
  override readonly name = "ObjectVanished";

  constructor(object: ObjectRef, etag: string | undefined) {
    super(`${s3Uri(object)} is not there any more${etag ? ` with etag ${etag}` : ""}`);
  }
}

/**
 * S3 refuses to hand out the object, and would refuse the next time: archived storage, a KMS or customer key that we may not
 * use, an access rule. It costs this object; the others of its batch go on.
 */
export class ObjectUnreadable extends Error {
  override readonly name = "ObjectUnreadable";

  constructor(object: ObjectRef, detail: string, cause?: unknown) {
    super(
      `S3 does not let us read ${s3Uri(object)}: ${detail}. Restore it, or grant access to it and its key; ` +
        'then run its batch again with { "batchId": "...", "force": true }.',
      { cause },
    );
  }
}

/** Reading the object failed in a way that nobody foresaw. Tried again, then the object is set aside and the others go on. */
export class ReadFailed extends Error {
  override readonly name = "ReadFailed";

  constructor(object: ObjectRef, cause: unknown) {
    const detail = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    super(`Reading ${s3Uri(object)} failed: ${detail}`, { cause });
  }
}

/** A service did not answer, or answered with a failure of its own that has no telling name. Later it may work. */
export class ServiceUnavailable extends Error {
  override readonly name = "ServiceUnavailable";

  constructor(cause: unknown) {
    const detail = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    super(`A service did not answer as it should: ${detail}`, { cause });
  }
}

/** DynamoDB did only a part of a request and wants the rest later: the whole task is retried. */
export class LedgerBusy extends Error {
  override readonly name = "LedgerBusy";

  constructor(action: string, leftCount: number) {
    super(`The ledger left ${leftCount} items of "${action}" for later`);
  }
}

/** Too many lines of the batch were rejected: it is refused. */
export class QualityTooLow extends Error {
  override readonly name = "QualityTooLow";

  constructor(batchId: string, rows: number, rejected: number, threshold: number) {
    super(
      `Batch ${batchId} has ${rows} good and ${rejected} rejected lines; the source asks for at least ${threshold * 100} % good. ` +
        "Nothing of it was written to the lake. Look at the rejected lines, then lower the threshold or mend the parser, and run the batch again.",
    );
  }
}

/**
 * Not one line could be read: of an object, or of any object of a batch. It is recorded, its rejected lines can be queried,
 * and the execution of such a batch fails, so that somebody looks.
 */
export class NothingReadable extends Error {
  override readonly name = "NothingReadable";

  /** @param subject - The object or the batch. */
  constructor(subject: string, detail: string) {
    super(`Nothing of ${subject} could be read: ${detail}`);
  }
}

/**
 * The secret for hashing personal data is missing, or could be guessed. Nothing is written: a value is hashed with a good key or
 * not kept at all.
 */
export class PiiKeyUnusable extends Error {
  override readonly name = "PiiKeyUnusable";

  constructor(detail: string, cause?: unknown) {
    super(`Cannot hash personal data with the secret: ${detail}. docs/pii.md says how to set it.`, { cause });
  }
}

/** Athena ended the query without a result. */
export class QueryFailed extends Error {
  override readonly name = "QueryFailed";

  constructor(queryExecutionId: string, reason: string) {
    super(`Athena query ${queryExecutionId} failed: ${reason}`);
  }
}

/** The query did not end within its budget. */
export class QueryTimedOut extends Error {
  override readonly name = "QueryTimedOut";

  constructor(queryExecutionId: string, waitedSeconds: number) {
    super(`Athena query ${queryExecutionId} had not ended after ${waitedSeconds} s and was stopped`);
  }
}

/** The crawl failed, so partitions may be missing. */
export class CrawlerFailed extends Error {
  override readonly name = "CrawlerFailed";

  constructor(crawler: string, reason: string) {
    super(`Glue crawler ${crawler} failed: ${reason}`);
  }
}

/** Data of the day is missing, or the query and the ledger disagree: a report would mislead. */
export class ReportIncomplete extends Error {
  override readonly name = "ReportIncomplete";

  constructor(report: string, date: string, reason: string) {
    super(`Report ${report} for ${date} was not drawn: ${reason}`);
  }
}

/** Another execution published this version of the report first. Drawing it again gives it the next number. */
export class VersionTaken extends Error {
  override readonly name = "VersionTaken";

  constructor(report: string, date: string, version: number) {
    super(`Version ${version} of report ${report} for ${date} was published by another execution with other numbers`);
  }
}

/** The topic did not take the e-mail. Its subject, such as a report, is there nevertheless. */
export class MailNotSent extends Error {
  override readonly name = "MailNotSent";

  constructor(subject: string, cause: unknown) {
    const detail = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    super(`The e-mail "${subject}" was not taken by the topic: ${detail}`, { cause });
  }
}
