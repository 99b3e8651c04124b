/** One page of a bucket's listing, with keys that share a prefix up to the delimiter rolled into one. */
import type { Objects, StoredObject } from "./objects.ts";

interface ObjectPage {
  objects: StoredObject[];
  commonPrefixes: string[];
  /** Where the next page starts: after this key or common prefix. Undefined on the last page. */
  nextAfter: string | undefined;
}

const SCAN_SIZE = 1000;

export function objectPage(
  objects: Objects,
  {
    bucket,
    prefix,
    delimiter,
    after,
    maxKeys,
  }: { bucket: string; prefix: string; delimiter: string; after: string; maxKeys: number },
): ObjectPage {
  const page: ObjectPage = { objects: [], commonPrefixes: [], nextAfter: undefined };
  // A common prefix as the starting point stands for all the keys below it.
  let position = delimiter && after.startsWith(prefix) && after.endsWith(delimiter) ? pastAll(after) : after;
  let last = "";
  while (maxKeys > 0) {
    const rows = objects.scan(bucket, prefix, position, SCAN_SIZE);
    let jumped = false;
    for (const object of rows) {
      if (page.objects.length + page.commonPrefixes.length >= maxKeys) return { ...page, nextAfter: last };
      const end = delimiter ? object.key.indexOf(delimiter, prefix.length) : -1;
      if (end >= 0) {
        last = object.key.slice(0, end + delimiter.length);
        page.commonPrefixes.push(last);
        position = pastAll(last);
        jumped = true;
        break;
      }
      page.objects.push(object);
      last = object.key;
      position = object.key;
    }
    if (!jumped && rows.length < SCAN_SIZE) return page;
  }
  return page;
}

const pastAll = (prefix: string) => `${prefix}\u{10FFFF}`;
