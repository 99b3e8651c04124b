import { describe, expect, it } from "vitest";
import { formatOf } from "../../../lake/formats/index.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const record =
  "https 2026-01-17T10:00:00.000000Z app/a/1 192.0.2.1:2817 - -1 -1 -1 400 - 0 152 " +
  '"GET https://example.com:443/ HTTP/1.1" "-" - - - "-" "-" "-" - 2026-01-17T10:00:00.000000Z "-" "-" "-" "-" "-"';

describe("formatOf", () => {
  it("looks past a broken first line", () => {
    expect(formatOf(bytes(`--- log rotated ---\n${record}\n`))).toBe("alb");
    expect(formatOf(bytes(`${record.slice(30)}\r\n\n${record}\n`))).toBe("alb");
    expect(formatOf(bytes("2026-01\n#Version: 1.0\n#Fields: date time\n"))).toBe("cloudfront");
  });

  it("knows load balancers by their names where the type of the record is new", () => {
    expect(formatOf(bytes(`${record.replace("https ", "h3 ")}\n`))).toBe("alb");
    expect(formatOf(bytes("tcp 3.0 2026-01-17T02:59:40 net/a/1 l 192.0.2.1:51341 10.0.0.1:443 5 2 98 246\n"))).toBe(
      "nlb",
    );
    expect(formatOf(bytes("web 2026-01-17T10:00:00Z server started\n"))).toBeUndefined();
  });

  it("names nothing when no line is a record", () => {
    expect(formatOf(bytes("dear diary,\ntoday I saw a load balancer\n"))).toBeUndefined();
    expect(formatOf(bytes(""))).toBeUndefined();
  });
});
