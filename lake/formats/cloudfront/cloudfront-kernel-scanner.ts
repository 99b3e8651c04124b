import type { Kernel } from "../../kernel/kernel.ts";
import { kernelLineScanner, type OrdinaryLines } from "../../kernel/kernel-line-scanner.ts";
import { lineScanner } from "../../rows/line-scanner.ts";
import type { LogScanner } from "../../rows/scanner.ts";
import { columns, DATE, TIME_COLUMN, TIME_OF_DAY } from "./cloudfront-fields.ts";
import { CloudFrontReader } from "./cloudfront-reader.ts";

/** Opens the scanner of `cloudfront` that leaves ordinary lines to the kernel. */
export function openCloudFrontKernelScanner(kernel: Kernel, header: string | undefined): LogScanner {
  const reader = new CloudFrontReader(header);
  return kernelLineScanner(kernel, new KernelTabs(kernel, reader), lineScanner(reader));
}

/** Tells the kernel the column of each field between tabs. */
class KernelTabs implements OrdinaryLines {
  readonly #kernel: Kernel;
  readonly #reader: CloudFrontReader;
  #layout: Int32Array | undefined;
  #columnsAt = 0;
  #missing: number[] = [];
  #missingAt = 0;
  #numbersAt = 0;
  #integerCount = 0;
  #decimalCount = 0;
  #otherCount = 0;

  constructor(kernel: Kernel, reader: CloudFrontReader) {
    this.#kernel = kernel;
    this.#reader = reader;
  }

  prepare(): void {
    const { layout, dateAt, isPlain } = this.#reader;
    if (layout !== this.#layout) this.#setLayout(layout);
    // No line has 0 fields, so the kernel leaves all lines to the reference.
    const count = isPlain ? layout.length : 0;
    const missingCount = this.#missing.length;
    this.#kernel.exports.setTabs(
      this.#columnsAt,
      count,
      this.#missingAt,
      missingCount,
      dateAt,
      TIME_COLUMN,
      this.#numbersAt,
      this.#integerCount,
      this.#decimalCount,
      this.#otherCount,
    );
  }

  #setLayout(layout: Int32Array): void {
    const kernel = this.#kernel;
    this.#layout = layout;
    const targets = layout.map((column) => (column === DATE ? kernel.spareColumn : column));
    this.#columnsAt = kernel.putNumbers(
      targets.map((column) => (column === TIME_OF_DAY ? kernel.spareColumn + 1 : column)),
    );
    // An ordinary line has no `_extra`.
    this.#missing = [...columns.keys(), kernel.extraColumn].filter(
      (column) => column !== TIME_COLUMN && !layout.includes(column),
    );
    this.#missingAt = kernel.putNumbers(this.#missing);
    const present = [...layout].filter((column) => column > TIME_COLUMN);
    const integers = present.filter((column) => /^int/.test(columns[column]!.type));
    const all = present.filter((column) => columns[column]!.type === "double");
    // Two values need not be looked at, if there are others. Decimal numbers take longest.
    this.#otherCount = integers.length > 0 ? Math.min(2, all.length) : 0;
    const decimals = all.slice(this.#otherCount);
    this.#integerCount = integers.length;
    this.#decimalCount = decimals.length;
    this.#numbersAt = kernel.putNumbers([...integers, ...decimals]);
  }

  scan(start: number, end: number, firstRow: number, firstLine: number): number {
    return this.#kernel.exports.scanTabs(start, end, firstRow, firstLine);
  }
}
