import type { Change, Collection, ListOptions, Store } from "./store.ts";

/** One collection: a map, and its keys in order. Keys are sorted again only when a list is asked for after new ones. */
class OrderedMap {
  readonly values = new Map<string, string>();
  #sorted: string[] | undefined;

  set(key: string, value: string): void {
    if (this.#sorted && !this.values.has(key)) {
      const last = this.#sorted.at(-1);
      if (last === undefined || last < key) this.#sorted.push(key);
      else this.#sorted = undefined;
    }
    this.values.set(key, value);
  }

  delete(key: string): void {
    if (this.values.delete(key)) this.#sorted = undefined;
  }

  get keys(): string[] {
    this.#sorted ??= [...this.values.keys()].sort();
    return this.#sorted;
  }
}

/** Index of the first key that is not less than `key`. */
function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keys[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Keeps everything in memory. */
export class MemoryStore implements Store {
  readonly #collections = new Map<Collection, OrderedMap>();

  #collection(name: Collection): OrderedMap {
    let collection = this.#collections.get(name);
    if (!collection) {
      collection = new OrderedMap();
      this.#collections.set(name, collection);
    }
    return collection;
  }

  write(changes: readonly Change[]): void {
    for (const { collection, key, value } of changes) {
      if (value === undefined) this.#collection(collection).delete(key);
      else this.#collection(collection).set(key, value);
    }
  }

  get(collection: Collection, key: string): string | undefined {
    return this.#collection(collection).values.get(key);
  }

  list(name: Collection, { prefix, after, limit = Infinity, reverse = false }: ListOptions) {
    const collection = this.#collection(name);
    const keys = collection.keys;
    const start = lowerBound(keys, prefix);
    const end = lowerBound(keys, prefix + "\u{10ffff}");
    const found: { key: string; value: string }[] = [];
    if (reverse) {
      for (let i = (after === undefined ? end : Math.min(end, lowerBound(keys, after))) - 1; i >= start; i--) {
        if (found.length >= limit) break;
        found.push({ key: keys[i]!, value: collection.values.get(keys[i]!)! });
      }
      return found;
    }
    let i = start;
    if (after !== undefined) {
      i = Math.max(start, lowerBound(keys, after));
      if (keys[i] === after) i++;
    }
    for (; i < end && found.length < limit; i++) {
      found.push({ key: keys[i]!, value: collection.values.get(keys[i]!)! });
    }
    return found;
  }

  close(): void {}
}
