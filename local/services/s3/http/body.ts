/** The body of a request: its bytes without their transfer wrapping, and what the headers promise about them. */
import { ServiceError } from "../../../service-error.ts";
import { parseXml, type XmlElement } from "../../../wire/xml.ts";
import { ALGORITHMS, type ChecksumAlgorithm, headerOf } from "../checksum.ts";
import type { Expectation } from "../object-files.ts";
import { readChunked } from "./aws-chunked.ts";
import type { Exchange } from "./exchange.ts";

/** The largest request document: a thousand keys of a kilobyte, escaped. */
const LARGEST_DOCUMENT_BYTES = 8 * 1024 * 1024;

export function bodyOf({ request, header }: Exchange): { body: AsyncIterable<Buffer>; expected: Expectation } {
  const contentHash = header("x-amz-content-sha256") ?? "";
  const isChunked = contentHash.startsWith("STREAMING-") || (header("content-encoding") ?? "").includes("aws-chunked");
  const trailers: Record<string, string> = {};
  const trailer = header("x-amz-trailer");
  const sent = ALGORITHMS.find((algorithm) => header(headerOf(algorithm)) || trailer === headerOf(algorithm));
  const algorithm = sent ?? algorithmNamed(header("x-amz-sdk-checksum-algorithm"));
  if (trailer?.startsWith("x-amz-checksum-")) algorithmNamed(trailer.slice("x-amz-checksum-".length));
  const length = header(isChunked ? "x-amz-decoded-content-length" : "content-length");
  // Not the request itself: leaving its own loop early would cut the connection before the refusal is sent.
  const bytes = request.iterator({ destroyOnReturn: false });
  return {
    body: isChunked ? readChunked(bytes, trailers) : bytes,
    expected: {
      algorithm,
      checksum: () => (sent ? (header(headerOf(sent)) ?? trailers[headerOf(sent)]) : undefined),
      md5: header("content-md5"),
      sha256: /^[0-9a-f]{64}$/.test(contentHash) ? contentHash : undefined,
      sizeBytes: length === undefined ? undefined : Number(length),
    },
  };
}

/** @throws {ServiceError} `InvalidRequest` for a checksum that is not known here. */
export function algorithmNamed(name: string | undefined): ChecksumAlgorithm | undefined {
  if (!name) return undefined;
  const found = ALGORITHMS.find((algorithm) => algorithm === name.toUpperCase());
  if (!found) throw new ServiceError("InvalidRequest", `The embedded cloud cannot compute ${name} checksums`);
  return found;
}

/** @throws {ServiceError} `MalformedXML`. */
export async function readDocument(exchange: Exchange): Promise<XmlElement> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of bodyOf(exchange).body) {
    size += chunk.length;
    if (size > LARGEST_DOCUMENT_BYTES) throw malformed();
    chunks.push(chunk);
  }
  try {
    return parseXml(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw malformed();
  }
}

export const malformed = () =>
  new ServiceError(
    "MalformedXML",
    "The XML you provided was not well-formed or did not validate against our published schema",
  );
