/** STS, for the one question that tools ask first: who am I? */
import type { Service } from "../../wire/service.ts";

/** @param roleOf - The role whose credentials an access key belongs to, if it is one of ours. */
export function stsService(roleOf: (accessKeyId: string) => { name: string; session: string } | undefined): Service {
  return {
    namespace: "sts",
    operations: {
      GetCallerIdentity(_input, { accountId, accessKeyId }) {
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
