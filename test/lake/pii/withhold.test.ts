import { describe, expect, it } from "vitest";
import { UnknownFormat } from "../../../lake/errors.ts";
import { piiPolicy } from "../../../lake/pii/policy.ts";
import { withholding } from "../../../lake/pii/withhold.ts";

const policy = piiPolicy.parse({ columns: {} });
const parse = () => JSON.parse("anna@example.com") as unknown;

describe("withholding", () => {
  it("takes out of an error of the language what it quotes, and keeps its name and where it was", async () => {
    const error = await withholding(policy, parse).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ name: "SyntaxError", message: expect.stringContaining("withheld") });
    expect(JSON.stringify([String(error), (error as Error).stack])).not.toContain("anna");
    expect((error as Error).stack).toMatch(/^SyntaxError: .*\n {4}at JSON\.parse/);
    await expect(withholding(undefined, parse)).rejects.toThrow(/anna/);
    await expect(withholding(piiPolicy.parse({ columns: {}, rejected: "keep" }), parse)).rejects.toThrow(/anna/);
  });

  it("lets errors of ours through as they are, and results", async () => {
    const ours = new UnknownFormat({ bucket: "raw", key: "a.log" }, undefined);
    const thrown = withholding(policy, () => {
      throw ours;
    });
    await expect(thrown).rejects.toBe(ours);
    expect(ours.message).toBe("Cannot name the log format of s3://raw/a.log");
    await expect(withholding(policy, async () => 1)).resolves.toBe(1);
  });
});
