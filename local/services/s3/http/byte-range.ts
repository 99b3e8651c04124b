/** The bytes of an object that a request asks for. */
import { ServiceError } from "../../../service-error.ts";
import type { StoredObject } from "../objects.ts";

interface ByteRange {
  startByte: number;
  /** Exclusive. */
  endByte: number;
}

/**
 * @param header - A `Range` header. One that makes no sense asks for all, as in HTTP.
 * @param partNumber - Of the query, where it has one.
 * @returns Undefined for the whole object.
 * @throws {ServiceError} `InvalidRange`, `InvalidPartNumber`.
 */
export function rangeOf(
  object: StoredObject,
  header: string | undefined,
  partNumber: string | null,
): ByteRange | undefined {
  if (partNumber !== null) return partRange(object, Number(partNumber));
  const range = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "");
  if (!range || (range[1] === "" && range[2] === "")) return undefined;
  const [first, last] = [range[1], range[2]];
  const startByte = first === "" ? Math.max(0, object.size - Number(last)) : Number(first);
  const endByte = first === "" || last === "" ? object.size : Math.min(Number(last) + 1, object.size);
  if (startByte >= object.size || (first === "" && last === "0")) {
    throw new ServiceError("InvalidRange", "The requested range is not satisfiable", 416);
  }
  return endByte > startByte ? { startByte, endByte } : undefined;
}

function partRange(object: StoredObject, partNumber: number): ByteRange {
  const sizes = object.partSizes ?? [object.size];
  if (!(partNumber >= 1 && partNumber <= sizes.length)) {
    throw new ServiceError("InvalidPartNumber", "The requested partnumber is not satisfiable", 416);
  }
  const startByte = sizes.slice(0, partNumber - 1).reduce((sum, size) => sum + size, 0);
  return { startByte, endByte: startByte + sizes[partNumber - 1]! };
}
