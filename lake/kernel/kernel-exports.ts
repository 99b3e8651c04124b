import { kernelWasm } from "./kernel.wasm.ts";

/** The exports of `assembly/index.ts`; addresses and counts are numbers. */
export interface KernelExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly result: { readonly value: number };
  readonly hostValue: { readonly value: number };
  readonly rowCount: { readonly value: number };
  take(bytes: number): number;
  give(block: number, bytes: number): void;
  followJson(start: number, end: number): number;
  readonly jsonFeeds: { readonly value: number };
  readonly jsonFeedsBeforeCut: { readonly value: number };
  setSalt(high: number, low: number): void;
  reserveDecoded(bytes: number): number;
  reserveCompressed(bytes: number): number;
  snappy(from: number, length: number, to: number): number;
  openColumn(kind: number, decoding: number, isDelta: number): number;
  closeColumn(column: number): void;
  resetColumn(column: number): void;
  heldBytes(column: number): number;
  append(column: number, fields: number, startRow: number, endRow: number): number;
  numberTexts(column: number, fields: number, rows: number): number;
  takePage(column: number): void;
  takeDictionary(column: number): number;
  takeBounds(column: number): number;
  setBlock(fields: number, stride: number, days: number, lines: number, rows: number, lineBytes: number): void;
  setTabs(
    columns: number,
    count: number,
    missing: number,
    missingCount: number,
    date: number,
    time: number,
    numbers: number,
    integers: number,
    decimals: number,
    others: number,
  ): void;
  scanTabs(start: number, end: number, firstRow: number, firstLine: number): number;
  setAlb(
    columns: number,
    count: number,
    extra: number,
    client: number,
    target: number,
    verb: number,
    splits: number,
  ): void;
  scanAlb(start: number, end: number, firstRow: number, firstLine: number): number;
  setJson(layout: number, extra: number): void;
  scanJson(start: number, end: number, firstRow: number, firstLine: number): number;
  readonly jsonRowCount: { readonly value: number };
  readonly jsonLine: { readonly value: number };
  readonly jsonRowBytes: { readonly value: number };
}

/** The classes of the platform's WebAssembly that are used here: Node's types do not have them. */
interface Platform {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: Record<string, Record<string, (...numbers: number[]) => number>>,
  ) => { readonly exports: unknown };
}
const { Module, Instance } = (globalThis as unknown as { WebAssembly: Platform }).WebAssembly;

let compiled: object | undefined;

/**
 * Makes an instance of the kernel, with a memory of its own.
 *
 * @param host - The functions that `assembly/host.ts` declares.
 */
export function instantiateKernel(host: Record<string, (...numbers: number[]) => number>): KernelExports {
  compiled ??= new Module(Buffer.from(kernelWasm, "base64"));
  return new Instance(compiled, { host }).exports as KernelExports;
}
