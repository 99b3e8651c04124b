/**
 * The attribute of each table that holds the time to live. It is only noted: expired items stay, as AWS promises only to
 * remove them "within a few days".
 */
import type { Store } from "../../store.ts";

export class TimesToLive {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
    store.define(
      "CREATE TABLE IF NOT EXISTS dynamodb_ttl (table_name TEXT PRIMARY KEY, attribute TEXT NOT NULL) STRICT;",
    );
  }

  enable(table: string, attribute: string): void {
    this.#store.run("INSERT OR REPLACE INTO dynamodb_ttl VALUES (?, ?)", table, attribute);
  }

  disable(table: string): void {
    this.#store.run("DELETE FROM dynamodb_ttl WHERE table_name = ?", table);
  }

  attributeOf(table: string): string | undefined {
    return this.#store.get<{ attribute: string }>("SELECT attribute FROM dynamodb_ttl WHERE table_name = ?", table)
      ?.attribute;
  }
}
