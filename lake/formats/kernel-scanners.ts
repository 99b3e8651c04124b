/** Which formats have a scanner in the WASM kernel beside their own, and which of the two reads a text. */
import type { Kernel } from "../kernel/kernel.ts";
import type { LogScanner } from "../rows/scanner.ts";
import { openCloudFrontJsonKernelScanner } from "./cloudfront/cloudfront-json-kernel-scanner.ts";
import { openCloudFrontKernelScanner } from "./cloudfront/cloudfront-kernel-scanner.ts";
import type { FormatName, FormatOptions, LogFormat } from "./format.ts";
import { openJsonKernelScanner } from "./json/json-kernel-scanner.ts";
import { openAlbKernelScanner } from "./load-balancers/alb-kernel-scanner.ts";

/** The text that a scanner is opened for. */
interface ScannerRequest {
  readonly options: FormatOptions | undefined;
  /** The value of `Framer.header` at the cut where the text starts; absent at the object's start. */
  readonly header: string | undefined;
  /** Whether the table has the column with this index; fields of the others need not be set. */
  readonly isWanted: (column: number) => boolean;
}

/** Opens a scanner that leaves the ordinary entries to the kernel. It takes every text as the format's own scanner does. */
type KernelScannerOpener = (kernel: Kernel, request: ScannerRequest) => LogScanner;

const kernelScanners: Readonly<Partial<Record<FormatName, KernelScannerOpener>>> = {
  alb: (kernel, { isWanted }) => openAlbKernelScanner(kernel, isWanted),
  cloudfront: (kernel, { header }) => openCloudFrontKernelScanner(kernel, header),
  "cloudfront-json": (kernel) => openCloudFrontJsonKernelScanner(kernel),
  json: (kernel, { options }) => openJsonKernelScanner(kernel, options),
};

/** Opens the scanner for a text of a format: the kernel's where there is a kernel and it has one, else the format's own. */
export function openScanner(format: LogFormat, kernel: Kernel | undefined, request: ScannerRequest): LogScanner {
  if (kernel) {
    const openInKernel = kernelScanners[format.name];
    if (openInKernel) return openInKernel(kernel, request);
  }
  return format.openScanner(request.options, request.header);
}

export type ScannerOpener = typeof openScanner;
