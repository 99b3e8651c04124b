import type { ColumnEngine } from "./column-engine.ts";
import { openKernelEngine } from "./kernel-engine.ts";
import { openReferenceEngine } from "./reference/reference-engine.ts";

/** Opens the kernel, or the reference where the platform cannot run it (no WebAssembly, or none with SIMD). */
export function openEngine(fieldColumns: number): ColumnEngine {
  try {
    return openKernelEngine(fieldColumns);
  } catch (error) {
    if (error instanceof Error && (error.name === "CompileError" || error.name === "TypeError")) {
      return openReferenceEngine(fieldColumns);
    }
    throw error;
  }
}
