/** ARNs of Step Functions: how to build and read them. */

export interface Place {
  partition: string;
  region: string;
  accountId: string;
}

const prefix = ({ partition, region, accountId }: Place) => `arn:${partition}:states:${region}:${accountId}`;

export const stateMachineArn = (place: Place, name: string) => `${prefix(place)}:stateMachine:${name}`;
export const activityArn = (place: Place, name: string) => `${prefix(place)}:activity:${name}`;

/** @param machineName - With the Map's label behind a slash for the child of a distributed Map. */
export function executionArn(place: Place, machineName: string, name: string, express?: { uuid: string }): string {
  return express
    ? `${prefix(place)}:express:${machineName}:${name}:${express.uuid}`
    : `${prefix(place)}:execution:${machineName}:${name}`;
}

export const mapRunArn = (place: Place, machineName: string, label: string, id: string) =>
  `${prefix(place)}:mapRun:${machineName}/${label}:${id}`;

/** Splits a state machine's ARN from its version or alias. */
export function unqualified(arn: string): { arn: string; qualifier: string | undefined } {
  const parts = arn.split(":");
  return { arn: parts.slice(0, 7).join(":"), qualifier: parts[7] };
}

/** The machine itself, where a Map's label stands behind a slash: takes a name or an ARN. */
export function withoutLabel(nameOrArn: string): string {
  return nameOrArn.split("/")[0]!;
}
