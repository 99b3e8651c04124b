/** The most that AWS takes for a role, a function, a pipe or a schedule. */
const LONGEST_NAME = 64;

/**
 * A physical name: SST gives its own components a prefix of app and stage, but not the raw resources.
 *
 * @throws When AWS would refuse it, which otherwise ends a deployment in the middle.
 */
export function named(name: string, longest = LONGEST_NAME): string {
  const full = `${$app.name}-${$app.stage}-${name}`;
  if (full.length > longest)
    throw new Error(
      `"${full}" has ${full.length} characters, and AWS takes ${longest} for a name: ` +
        "choose a shorter stage, or shorter names in sluice.config.ts",
    );
  return full;
}

export const isProduction = $app.stage === "prod";

/** `aws`, `aws-cn` for China, `aws-us-gov` for GovCloud: the beginning of every ARN. */
export const partition = aws.getPartitionOutput().partition;
export const accountId = aws.getCallerIdentityOutput().accountId;
const region = aws.getRegionOutput().region;

/**
 * The ARN of something of this account, in this region. It is known before the resource is there: whoever only names a
 * resource, as the policy of a role does, need not wait for it.
 */
export function arnOf(service: string, rest: $util.Input<string>): $util.Output<string> {
  return $interpolate`arn:${partition}:${service}:${region}:${accountId}:${rest}`;
}

/** The ARN of a role of this account: IAM knows no regions. */
export function roleArn(name: string): $util.Output<string> {
  return $interpolate`arn:${partition}:iam::${accountId}:role/${name}`;
}

/** `write-parquet` as the components are named: `WriteParquet`. */
export function pascalCase(kebab: string): string {
  return kebab.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
}
