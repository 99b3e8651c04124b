/** The ledger of every object, batch and day: one table, paid by request, restorable to any second of 35 days. */
import { isProduction, named } from "./names.ts";

export const ledger = new sst.aws.Dynamo("Ledger", {
  fields: { pk: "string", sk: "string" },
  primaryIndex: { hashKey: "pk", rangeKey: "sk" },
  // Links in e-mails end by themselves.
  ttl: "expiresAt",
  deletionProtection: isProduction,
  transform: {
    table: {
      name: named("Ledger"),
      pointInTimeRecovery: { enabled: true },
    },
  },
});
