import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { Dynalite } from "../../../../local/services/dynamodb/dynalite.ts";

const folder = mkdtempSync(join(tmpdir(), "sluice-dynalite-"));
afterAll(() => rmSync(folder, { recursive: true }));

const table = {
  TableName: "Ledger",
  AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
  KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
  BillingMode: "PAY_PER_REQUEST",
};

/** Lets the event loop turn. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

it("finishes an operation in progress before it closes, also when it is between two steps", async () => {
  const open = () => new Dynalite(folder, { region: "eu-central-1", accountId: "111122223333" });
  const first = open();
  await first.call("CreateTable", table);
  await first.finishTable("Ledger");
  await first.close();

  const rounds = 32;
  for (let round = 0; round < rounds; round += 1) {
    const dynalite = open();
    await dynalite.call("ListTables", {});
    const put = dynalite.call("PutItem", { TableName: "Ledger", Item: { pk: { S: `item ${round}` } } });
    // The first steps take a few turns of the event loop: in one of these rounds the next step is not begun yet.
    await turns(1 + (round % 4));
    await Promise.all([put, dynalite.close()]);
  }

  const last = open();
  expect((await last.call("Scan", { TableName: "Ledger" })).Count).toBe(rounds);
  await last.close();
  await expect(last.call("ListTables", {})).rejects.toMatchObject({ code: "ServiceUnavailable", statusCode: 503 });
});
