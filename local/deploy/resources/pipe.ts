import type { ResourceType } from "../resource-type.ts";

/** A person is waiting: what gathers for minutes on AWS gathers for a second here. */
const LONGEST_WINDOW_MS = 1000;

export const pipe: ResourceType = {
  deploy({ name, inputs, attributes }, { pipes }) {
    const unsupported = ["enrichment", "enrichmentParameters", "sourceParameters.filterCriteria"].find((path) =>
      path.split(".").reduce((value, step) => value?.[step], inputs),
    );
    if (unsupported) throw new Error(`The pipe ${name} has ${unsupported}, which the embedded cloud has not`);
    if (!String(inputs.source).includes(":sqs:") || !String(inputs.target).includes(":states:")) {
      throw new Error(
        `The pipe ${name} goes from ${inputs.source} to ${inputs.target}; here they go from SQS to Step Functions`,
      );
    }
    const parameters = inputs.sourceParameters?.sqsQueueParameters ?? {};
    pipes.push({
      name: attributes.name,
      source: inputs.source,
      target: inputs.target,
      batchSize: parameters.batchSize ?? 10,
      batchingWindowMs: Math.min((parameters.maximumBatchingWindowInSeconds ?? 0) * 1000, LONGEST_WINDOW_MS),
    });
  },
};
