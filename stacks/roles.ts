import { accountId, named } from "./names.ts";

export type Statement = aws.types.input.iam.GetPolicyDocumentStatementArgs;

/** A role that one AWS service assumes for resources of this account, with exactly the statements given. */
export function serviceRole(name: string, service: string, statements: $util.Input<Statement[]>): aws.iam.Role {
  return new aws.iam.Role(name, {
    name: named(name),
    assumeRolePolicy: aws.iam.getPolicyDocumentOutput({
      statements: [
        {
          actions: ["sts:AssumeRole"],
          principals: [{ type: "Service", identifiers: [service] }],
          // The service acts for every customer of AWS; a stranger must not make it act here.
          conditions: [{ test: "StringEquals", variable: "aws:SourceAccount", values: [accountId] }],
        },
      ],
    }).json,
    inlinePolicies: [{ name: "inline", policy: aws.iam.getPolicyDocumentOutput({ statements }).json }],
  });
}
