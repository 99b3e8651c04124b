/** Packages that are only compared with, in a folder of their own: nobody else should have to carry them. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** npm leaves the binary for this platform out now and then when it is only an optional dependency. */
const PACKAGES = { "nodejs-polars": "0.26.1", "nodejs-polars-linux-x64-gnu": "0.26.1" };

const folder = fileURLToPath(new URL("../.others", import.meta.url));

/** @returns The folder, or undefined when the packages are not there. */
export function installedOthers(): string | undefined {
  return Object.keys(PACKAGES).every((name) => existsSync(join(folder, "node_modules", name))) ? folder : undefined;
}

/** @throws {Error} When the registry does not have them, or not for this platform. */
export function installOthers(): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, dependencies: PACKAGES }));
  execFileSync("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts"], { cwd: folder, stdio: "inherit" });
  return folder;
}
