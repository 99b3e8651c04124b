/** What a configuration must have before a stage is deployed that people rely on. */
import { configIssues, InvalidLakeConfig, type LakeConfig } from "./config.ts";

/** Domains that nobody can have: their mail reaches nobody. RFC 2606 and RFC 6761. */
const RESERVED = /(^|[@.])(example\.(com|net|org)|example|test|invalid|localhost)$/i;

/**
 * Checks that a configuration is fit for a stage. Any is, but for `prod`: its alarms and reports need readers, and the
 * addresses that come with the repository have none.
 *
 * @throws {InvalidLakeConfig} With one line for each address that has to be replaced.
 */
export function checkDeployable({ alertRecipients, reports }: LakeConfig, stage: string): void {
  if (stage !== "prod") return;
  const addresses = [
    ...alertRecipients.map((address, i) => ({ path: ["alertRecipients", i], address })),
    ...Object.entries(reports).flatMap(([name, { recipients }]) =>
      recipients.map((address, i) => ({ path: ["reports", name, "recipients", i], address })),
    ),
  ];
  const unread = addresses.filter(({ address }) => RESERVED.test(address));
  if (unread.length === 0) return;
  const message = "the address of somebody who reads it, because mail to this domain reaches nobody";
  const issues = unread.map(({ path, address }) => ({ path, input: address, message }));
  throw new InvalidLakeConfig(`sluice.config.ts is not ready for the stage "${stage}":\n${configIssues(issues)}`);
}
