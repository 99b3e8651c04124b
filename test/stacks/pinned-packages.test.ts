import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { type PackageLock, pinnedPackages } from "../../stacks/pinned-packages.ts";

const lock = (packages: PackageLock["packages"]): PackageLock => ({ packages });

describe("pinnedPackages", () => {
  it("takes what a package needs, and what that needs, in the versions of the lock file", () => {
    const locked = lock({
      "node_modules/pdf": { version: "4.9.0", dependencies: { font: "^2.0.0", "@scope/fns": "3.x" } },
      "node_modules/font": { version: "2.0.4", dependencies: { pdf: "*" } },
      "node_modules/@scope/fns": { version: "3.1.3" },
      "node_modules/other": { version: "1.0.0" },
    });
    expect(pinnedPackages(locked, ["pdf"])).toEqual({ pdf: "4.9.0", font: "2.0.4", "@scope/fns": "3.1.3" });
  });

  it("finds a package where Node.js finds it, and leaves a second version to whoever asks for it exactly", () => {
    const locked = lock({
      "node_modules/pdf": { version: "4.9.0", dependencies: { base64: "^1.0.0", linebreak: "^1.1.0" } },
      "node_modules/base64": { version: "1.5.1" },
      "node_modules/linebreak": { version: "1.1.0", dependencies: { base64: "0.0.8" } },
      "node_modules/linebreak/node_modules/base64": { version: "0.0.8" },
    });
    expect(pinnedPackages(locked, ["pdf"])).toEqual({ pdf: "4.9.0", base64: "1.5.1", linebreak: "1.1.0" });
  });

  it("refuses a second version that nothing pins", () => {
    const locked = lock({
      "node_modules/pdf": { version: "4.9.0", dependencies: { base64: "^1.0.0", linebreak: "^1.1.0" } },
      "node_modules/base64": { version: "1.5.1" },
      "node_modules/linebreak": { version: "1.1.0", dependencies: { base64: "^0.0.8" } },
      "node_modules/linebreak/node_modules/base64": { version: "0.0.8" },
    });
    expect(() => pinnedPackages(locked, ["pdf"])).toThrow(
      'Cannot pin node_modules/linebreak/node_modules/base64@0.0.8: it is asked for as "^0.0.8"',
    );
  });

  it("passes over what is optional and for another machine, and refuses what is missing", () => {
    const optional = lock({
      "node_modules/pdf": { version: "4.9.0", optionalDependencies: { "pdf-darwin": "4.9.0" } },
    });
    expect(pinnedPackages(optional, ["pdf"])).toEqual({ pdf: "4.9.0" });
    expect(() => pinnedPackages(optional, ["react"])).toThrow("has no react, which the project needs: run npm install");
  });

  it("pins the versions that the tests of this project run with", () => {
    const root = resolve(import.meta.dirname, "../..");
    const locked: PackageLock = JSON.parse(readFileSync(resolve(root, "package-lock.json"), "utf8"));
    const pinned = pinnedPackages(locked, ["@react-pdf/renderer"]);
    expect(Object.keys(pinned)).toEqual(expect.arrayContaining(["fontkit", "yoga-layout"]));
    for (const [name, version] of Object.entries(pinned)) {
      const installed = JSON.parse(readFileSync(resolve(root, "node_modules", name, "package.json"), "utf8"));
      expect(`${name} ${version}`).toBe(`${name} ${installed.version}`);
    }
  });
});
