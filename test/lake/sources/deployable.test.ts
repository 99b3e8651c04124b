import { describe, expect, it } from "vitest";
import { defineLake } from "../../../lake/sources/config.ts";
import { checkDeployable } from "../../../lake/sources/deployable.ts";
import shipped from "../../../sluice.config.ts";

const lakeOf = (address: string) =>
  defineLake({ sources: { app: { format: "alb", prefix: "app/" } }, alertRecipients: [address] });

describe("checkDeployable", () => {
  it("refuses the shipped configuration for prod, with a line for each address", () => {
    expect(() => checkDeployable(shipped, "prod")).toThrow(
      [
        'sluice.config.ts is not ready for the stage "prod":',
        '  alertRecipients.0: is "on-call@example.com", expected the address of somebody who reads it, because mail to this domain reaches nobody',
        '  reports.alb-daily.recipients.0: is "platform@example.com", expected',
      ].join("\n"),
    );
  });

  it.each(["local", "anna", "production-like"])("takes it for the stage %s", (stage) => {
    expect(() => checkDeployable(shipped, stage)).not.toThrow();
  });

  it.each(["a@example.org", "a@EXAMPLE.net", "a@mail.example.com", "a@team.test", "a@host.invalid", "a@x.example"])(
    "refuses %s, whose domain nobody can have",
    (address) => {
      expect(() => checkDeployable(lakeOf(address), "prod")).toThrow(`alertRecipients.0: is "${address}"`);
    },
  );

  it.each(["a@example.de", "example.com@mail.de", "a@counterexample.com", "a@latest.com", "a@test.de"])(
    "takes %s",
    (address) => {
      expect(() => checkDeployable(lakeOf(address), "prod")).not.toThrow();
    },
  );
});
