/** Saved queries, each in a workgroup. */
import type { NamedQuery } from "@aws-sdk/client-athena";
import { ServiceError } from "../../service-error.ts";
import type { Store } from "../../store.ts";

export class NamedQueries {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
    store.define(`CREATE TABLE IF NOT EXISTS athena_named_queries (
      sequence INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, work_group TEXT NOT NULL, body TEXT NOT NULL) STRICT`);
  }

  find(id: string): NamedQuery | undefined {
    const row = this.#store.get<{ body: string }>("SELECT body FROM athena_named_queries WHERE id = ?", id);
    return row && (JSON.parse(row.body) as NamedQuery);
  }

  /** @throws {ServiceError} `InvalidRequestException`. */
  get(id: string | undefined): NamedQuery {
    const found = this.find(id ?? "");
    if (!found) throw new ServiceError("InvalidRequestException", `NamedQuery ${id} was not found`);
    return found;
  }

  /** Oldest first. */
  idsIn(workGroup: string): string[] {
    return this.#store
      .all<{ id: string }>("SELECT id FROM athena_named_queries WHERE work_group = ? ORDER BY sequence", workGroup)
      .map(({ id }) => id);
  }

  put(query: NamedQuery): void {
    this.#store.run(
      `INSERT INTO athena_named_queries (id, work_group, body) VALUES (?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET body = excluded.body`,
      query.NamedQueryId!,
      query.WorkGroup!,
      JSON.stringify(query),
    );
  }

  delete(id: string): void {
    this.#store.run("DELETE FROM athena_named_queries WHERE id = ?", id);
  }

  deleteIn(workGroup: string): void {
    this.#store.run("DELETE FROM athena_named_queries WHERE work_group = ?", workGroup);
  }
}
