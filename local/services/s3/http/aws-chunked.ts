/**
 * The `aws-chunked` content encoding: lengths in hexadecimal, perhaps signed, and trailers after the last chunk.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
import { ServiceError } from "../../../service-error.ts";

/** Longer than any chunk header or trailer that a client writes. */
const LONGEST_LINE_BYTES = 16_384;

/**
 * Gives the body without its chunking.
 *
 * @param trailers - Filled with the trailing headers, in lower case, once the body has been read.
 * @throws {ServiceError} `IncompleteBody` when the stream ends early, `InvalidRequest` when it is not chunked.
 */
export async function* readChunked(
  source: AsyncIterable<Buffer>,
  trailers: Record<string, string>,
): AsyncGenerator<Buffer> {
  const input = new ByteReader(source);
  while (true) {
    const header = await input.line();
    const size = Number.parseInt(header, 16);
    if (!/^[0-9a-f]+(;|$)/i.test(header)) {
      throw new ServiceError("InvalidRequest", `A chunk cannot begin with "${header.slice(0, 40)}"`);
    }
    if (size === 0) break;
    yield* input.bytes(size);
    if ((await input.line()) !== "") throw new ServiceError("IncompleteBody", "A chunk is longer than it says");
  }
  // The empty line after the last trailer may be missing: some clients end the request instead.
  for (let line = await input.line(true); line !== ""; line = await input.line(true)) {
    const colon = line.indexOf(":");
    trailers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
}

class ByteReader {
  readonly #source: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async line(mayEnd = false): Promise<string> {
    while (true) {
      const end = this.#rest.indexOf("\r\n");
      if (end >= 0) {
        const line = this.#rest.toString("latin1", 0, end);
        this.#rest = this.#rest.subarray(end + 2);
        return line;
      }
      if (this.#rest.length > LONGEST_LINE_BYTES) throw new ServiceError("InvalidRequest", "A chunk header never ends");
      const next = await this.#source.next();
      if (next.done && mayEnd) return this.#rest.toString("latin1");
      if (next.done) throw incomplete();
      this.#rest = this.#rest.length > 0 ? Buffer.concat([this.#rest, next.value]) : next.value;
    }
  }

  async *bytes(count: number): AsyncGenerator<Buffer> {
    let left = count;
    while (left > 0) {
      if (this.#rest.length === 0) {
        const next = await this.#source.next();
        if (next.done) throw incomplete();
        this.#rest = next.value;
      }
      const taken = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(taken.length);
      left -= taken.length;
      yield taken;
    }
  }
}

const incomplete = () =>
  new ServiceError(
    "IncompleteBody",
    "You did not provide the number of bytes specified by the Content-Length HTTP header",
  );
