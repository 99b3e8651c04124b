/**
 * Compiles the kernel and writes it as a TypeScript module, so that bundles for Lambda hold it like any other code.
 *
 *     npm run build:kernel
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const OPTIONS = [
  ...["-O3", "--converge", "--noAssert", "--runtime", "stub", "--initialMemory", "64"],
  ...["--enable", "simd", "--enable", "bulk-memory", "--use", "abort="],
];

/**
 * @returns The text of `kernel.wasm.ts` for the sources as they are now.
 * @throws {Error} With the compiler's messages when they do not compile.
 */
export async function compileKernel(): Promise<string> {
  const files = new Map<string, Uint8Array | string>();
  const { error, stderr } = await asc.main([here("./assembly/index.ts"), "--outFile", "kernel.wasm", ...OPTIONS], {
    writeFile: (name, contents) => {
      files.set(name, contents);
    },
  });
  const wasm = files.get("kernel.wasm");
  if (error || !wasm) throw new Error(`The kernel does not compile:\n${stderr.toString()}`);
  const base64 = Buffer.from(wasm as Uint8Array).toString("base64");
  return `// Made by build.ts from assembly/: do not edit.\nexport const kernelWasm =\n  "${base64}";\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(here("./kernel.wasm.ts"), await compileKernel());
}
