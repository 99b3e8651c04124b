import { describe, expect, it } from "vitest";
import { hintWarnings } from "../../../lake/sources/format-hint.ts";

describe("hintWarnings", () => {
  it("has nothing to say where configuration and bytes agree", () => {
    expect(hintWarnings("cloudfront", "cloudfront")).toEqual([]);
  });

  it("names both where the bytes won", () => {
    expect(hintWarnings("cloudfront", "cloudfront-json")).toEqual([
      "its source is configured for CloudFront standard log (cloudfront), its bytes are CloudFront standard log (v2) in JSON or Parquet (cloudfront-json) and were read as such",
    ]);
  });
});
