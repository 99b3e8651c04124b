/**
 * The retriers that machines share. They stand in each machine's file in full, so that it stays plain JSON; `format.ts`
 * writes them there from here, and a test fails on a copy that was edited by hand.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
 */

export interface Retrier {
  ErrorEquals: readonly string[];
  IntervalSeconds: number;
  BackoffRate: number;
  MaxAttempts: number;
  MaxDelaySeconds: number;
  JitterStrategy: "FULL";
}

/** Lambda's own failures: the function did not run, or nobody knows whether it did. About a minute of trying. */
const lambdaService: Retrier = {
  ErrorEquals: [
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
    "Lambda.Unknown",
  ],
  IntervalSeconds: 1,
  BackoffRate: 2,
  MaxAttempts: 5,
  MaxDelaySeconds: 60,
  JitterStrategy: "FULL",
};

/**
 * Step Functions did not start the child. A child that started and failed is not started again: its failure is final.
 * AWS documents the limit without "Exception" at its end; errors that its SDK has no class for come as the third name.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
 */
const childNotStarted: Retrier = {
  ErrorEquals: [
    "StepFunctions.ExecutionLimitExceeded",
    "StepFunctions.ExecutionLimitExceededException",
    "StepFunctions.AWSStepFunctionsException",
    "StepFunctions.ThrottlingException",
    "StepFunctions.SdkClientException",
  ],
  IntervalSeconds: 2,
  BackoffRate: 2,
  MaxAttempts: 6,
  MaxDelaySeconds: 60,
  JitterStrategy: "FULL",
};

/** A call that returns at once and whose every failure is one of the service. */
const callFailed: Retrier = {
  ErrorEquals: ["States.TaskFailed"],
  IntervalSeconds: 1,
  BackoffRate: 2,
  MaxAttempts: 5,
  MaxDelaySeconds: 60,
  JitterStrategy: "FULL",
};

/** The first retrier of each Task, by what the Task calls. */
export const retrierByResource: Readonly<Record<string, Retrier>> = {
  "arn:aws:states:::lambda:invoke": lambdaService,
  "arn:aws:states:::states:startExecution": callFailed,
  "arn:aws:states:::states:startExecution.sync:2": childNotStarted,
  "arn:aws:states:::events:putEvents": callFailed,
};

/** Retriers of errors that only some tasks have. A task lists the one it needs after its first. */
export const retrierByError: Readonly<Record<string, Retrier>> = {
  /** DynamoDB did a part of a batched call. About two minutes of trying. */
  LedgerBusy: {
    ErrorEquals: ["LedgerBusy"],
    IntervalSeconds: 2,
    BackoffRate: 2,
    MaxAttempts: 6,
    MaxDelaySeconds: 60,
    JitterStrategy: "FULL",
  },
  /** Athena throttles its calls. */
  TooManyRequestsException: {
    ErrorEquals: ["TooManyRequestsException"],
    IntervalSeconds: 2,
    BackoffRate: 2,
    MaxAttempts: 6,
    MaxDelaySeconds: 60,
    JitterStrategy: "FULL",
  },
  /** A new secret takes a moment until every reader sees it. A secret that is missing needs a person. */
  PiiKeyUnusable: {
    ErrorEquals: ["PiiKeyUnusable"],
    IntervalSeconds: 2,
    BackoffRate: 2,
    MaxAttempts: 3,
    MaxDelaySeconds: 60,
    JitterStrategy: "FULL",
  },
};
