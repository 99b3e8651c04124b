import type { Kernel } from "../../kernel/kernel.ts";
import { kernelLineScanner, type OrdinaryLines } from "../../kernel/kernel-line-scanner.ts";
import { ALB_SPLIT_CLIENT, ALB_SPLIT_REQUEST, ALB_SPLIT_TARGET } from "../../kernel/shared-numbers.ts";
import type { LogScanner } from "../../rows/scanner.ts";
import { columnFinder } from "../column-list.ts";
import { alb, columnOfField } from "./alb.ts";

const indexOf = columnFinder(alb.columns());
const clientIp = indexOf("client_ip");
const clientPort = indexOf("client_port");
const targetIp = indexOf("target_ip");
const targetPort = indexOf("target_port");
const requestVerb = indexOf("request_verb");
const requestParts = ["request_verb", "request_url", "request_proto", "request_domain", "request_path"].map(indexOf);

/** Opens the scanner of `alb` that leaves ordinary lines to the kernel. */
export function openAlbKernelScanner(kernel: Kernel, isWanted: (column: number) => boolean): LogScanner {
  return kernelLineScanner(kernel, new KernelAlb(kernel, isWanted), alb.openScanner());
}

/** Tells the kernel the column of each field. The kernel itself knows how endpoints and requests are split. */
class KernelAlb implements OrdinaryLines {
  readonly #kernel: Kernel;
  readonly #columnsAt: number;
  readonly #wantedSplits: number;

  constructor(kernel: Kernel, isWanted: (column: number) => boolean) {
    this.#kernel = kernel;
    this.#columnsAt = kernel.putNumbers(columnOfField);
    const isAnyWanted = (...parts: number[]) => parts.some(isWanted);
    this.#wantedSplits =
      (isAnyWanted(clientIp, clientPort) ? ALB_SPLIT_CLIENT : 0) |
      (isAnyWanted(targetIp, targetPort) ? ALB_SPLIT_TARGET : 0) |
      (isAnyWanted(...requestParts) ? ALB_SPLIT_REQUEST : 0);
  }

  prepare(): void {
    this.#kernel.exports.setAlb(
      this.#columnsAt,
      columnOfField.length,
      this.#kernel.extraColumn,
      clientIp,
      targetIp,
      requestVerb,
      this.#wantedSplits,
    );
  }

  scan(start: number, end: number, firstRow: number, firstLine: number): number {
    return this.#kernel.exports.scanAlb(start, end, firstRow, firstLine);
  }
}
