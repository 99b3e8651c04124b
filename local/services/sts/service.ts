/** STS, for the one question that tools ask first: who am I? */
import type { Service } from "../../wire/service.ts";

interface StsOptions {
  /** The role that an access key belongs to; undefined for a key that no function has. */
  roleOf(accessKeyId: string): { name: string; session: string } | undefined;
}

export function stsService({ roleOf }: StsOptions): Service {
  return {
    namespace: "sts",
    operations: {
      GetCallerIdentity(_input: object, { accountId, accessKeyId }) {
        const role = accessKeyId === undefined ? undefined : roleOf(accessKeyId);
        if (!role)
          return { Account: accountId, UserId: "AIDAEMBEDDEDCLOUD", Arn: `arn:aws:iam::${accountId}:user/sluice` };
        const { name, session } = role;
        return {
          Account: accountId,
          UserId: `AROAEMBEDDEDCLOUD:${session}`,
          Arn: `arn:aws:sts::${accountId}:assumed-role/${name}/${session}`,
        };
      },
    },
  };
}
