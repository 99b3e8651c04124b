/** Checks of the ARNs in requests. */
import { ServiceError } from "../../../service-error.ts";

/** @throws {ServiceError} InvalidArn. */
export function checkArn(arn: string): void {
  if (!/^arn:[\w-]+:states:[\w-]*:\d*:.+/.test(arn))
    throw new ServiceError("InvalidArn", `Invalid Arn: 'Invalid ARN prefix: ${arn}'`);
}

/** @throws {ServiceError} InvalidArn. */
export function checkRole(roleArn: string): void {
  if (!/^arn:[\w-]+:iam::\d{12}:role\/.+/.test(roleArn))
    throw new ServiceError("InvalidArn", `Invalid Role Arn: '${roleArn}'`);
}

/**
 * Express executions leave no history that could be asked for.
 *
 * @throws {ServiceError} InvalidArn.
 */
export function refuseExpress(arn: string): void {
  if (arn.split(":")[5] === "express") {
    throw new ServiceError("InvalidArn", `Invalid Arn: 'Resource type not valid in this context: express'`);
  }
}
