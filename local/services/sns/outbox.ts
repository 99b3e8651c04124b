/** E-mail that SNS would send: kept in the database and, for a person to open, as files. */
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Store } from "../../store.ts";

export interface Mail {
  id: string;
  to: string;
  subject: string;
  body: string;
  sentMs: number;
  topicArn: string;
}

interface MailRow {
  id: string;
  recipient: string;
  subject: string;
  body: string;
  sent_ms: number;
  topic_arn: string;
}

export class Outbox {
  readonly #store: Store;
  readonly #folder: string;

  /** @param folder - Where the `.eml` files go. */
  constructor(store: Store, folder: string) {
    this.#store = store;
    this.#folder = folder;
    store.define(`CREATE TABLE IF NOT EXISTS sns_outbox (
      id TEXT PRIMARY KEY, recipient TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL,
      sent_ms INTEGER NOT NULL, topic_arn TEXT NOT NULL) STRICT;`);
    mkdirSync(folder, { recursive: true });
    // A process that died between the commit and the file left the mail without one.
    for (const mail of this.list()) if (!existsSync(this.pathOf(mail))) this.#write(mail);
  }

  /** Part of the caller's transaction. */
  add(mail: Omit<Mail, "id">): void {
    const full = { id: randomUUID(), ...mail };
    const { id, to, subject, body, sentMs, topicArn } = full;
    this.#store.run("INSERT INTO sns_outbox VALUES (?, ?, ?, ?, ?, ?)", id, to, subject, body, sentMs, topicArn);
    this.#store.afterCommit(() => this.#write(full));
  }

  /** Oldest first. */
  list(): Mail[] {
    return this.#store.all<MailRow>("SELECT * FROM sns_outbox ORDER BY sent_ms, rowid").map((row) => ({
      id: row.id,
      to: row.recipient,
      subject: row.subject,
      body: row.body,
      sentMs: row.sent_ms,
      topicArn: row.topic_arn,
    }));
  }

  pathOf({ id, sentMs }: Mail): string {
    return join(this.#folder, `${new Date(sentMs).toISOString().replace(/[:.]/g, "-")}-${id.slice(0, 8)}.eml`);
  }

  #write(mail: Mail): void {
    writeFileSync(this.pathOf(mail), messageOf(mail));
  }
}

function messageOf({ id, to, subject, body, sentMs }: Mail): string {
  const headers = [
    "From: AWS Notifications <no-reply@sns.amazonaws.com>",
    `To: ${to}`,
    `Subject: ${subject}`,
    `Date: ${new Date(sentMs).toUTCString().replace("GMT", "+0000")}`,
    `Message-ID: <${id}@sns.local>`,
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=UTF-8",
    "Content-Transfer-Encoding: 8bit",
  ];
  return `${headers.join("\r\n")}\r\n\r\n${body.replace(/\r?\n/g, "\r\n")}\r\n`;
}
