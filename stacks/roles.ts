import { accountId, named } from "./names.ts";

export type Statement = aws.types.input.iam.GetPolicyDocumentStatementArgs;

/** A role that one AWS service assumes for resources of this account, with exactly the statements given. */
export function serviceRole(name: string, service: string, statements: Statement[]): aws.iam.Role {
  return roleOf(name, statements, {
    ...assumedBy(service),
    // The service acts for every customer of AWS; a stranger must not make it act here.
    conditions: [{ test: "StringEquals", variable: "aws:SourceAccount", values: [accountId] }],
  });
}

/**
 * A role that Glue assumes. AWS documents its trust without conditions, and does not say that Glue tells for which account it
 * acts: a condition on what is not told is never met, and then "Service is unable to assume provided role". Nobody of another
 * account can hand this role to Glue, because `iam:PassRole` does not reach beyond an account.
 *
 * @see https://docs.aws.amazon.com/glue/latest/dg/create-an-iam-role.html
 */
export function glueRole(name: string, statements: Statement[]): aws.iam.Role {
  return roleOf(name, statements, assumedBy("glue.amazonaws.com"));
}

function assumedBy(service: string): Statement {
  return { actions: ["sts:AssumeRole"], principals: [{ type: "Service", identifiers: [service] }] };
}

function roleOf(name: string, statements: Statement[], trust: Statement): aws.iam.Role {
  return new aws.iam.Role(name, {
    name: named(name),
    assumeRolePolicy: aws.iam.getPolicyDocumentOutput({ statements: [trust] }).json,
    inlinePolicies: [{ name: "inline", policy: aws.iam.getPolicyDocumentOutput({ statements }).json }],
  });
}
