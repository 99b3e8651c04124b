/** A machine with every state type, and the child it starts. */

const task = (input: object, more: object = {}) => ({
  Type: "Task",
  Resource: "arn:aws:states:::lambda:invoke",
  Arguments: input,
  Output: "{% $states.result %}",
  ...more,
});

export const child = {
  QueryLanguage: "JSONata",
  StartAt: "Rest",
  States: {
    Rest: { Type: "Wait", Seconds: 5, Next: "Work" },
    Work: { ...task({ from: "child" }), End: true },
  },
};

export const machine = {
  QueryLanguage: "JSONata",
  TimeoutSeconds: 3600,
  StartAt: "Begin",
  States: {
    Begin: { Type: "Pass", Assign: { base: 10 }, Output: { items: [1, 2, 3] }, Next: "Both" },
    Both: {
      Type: "Parallel",
      Branches: [
        { StartAt: "Wait a minute", States: { "Wait a minute": { Type: "Wait", Seconds: 60, End: true } } },
        {
          StartAt: "Fails twice",
          States: {
            "Fails twice": {
              ...task({ failWhileBelow: 2, attempt: "{% $states.context.State.RetryCount %}" }),
              Retry: [{ ErrorEquals: ["Busy"], IntervalSeconds: 1, MaxAttempts: 3 }],
              End: true,
            },
          },
        },
      ],
      Output: "{% { 'items': $states.input.items, 'retried': $states.result[1].attempt } %}",
      Next: "Each",
    },
    Each: {
      Type: "Map",
      Items: "{% $states.input.items %}",
      MaxConcurrency: 2,
      ItemProcessor: {
        StartAt: "Work on item",
        States: { "Work on item": { ...task({ item: "{% $states.input + $base %}" }), End: true } },
      },
      Output: "{% { 'inline': $states.result.item, 'retried': $states.input.retried } %}",
      Next: "Far away",
    },
    "Far away": {
      Type: "Map",
      Items: [1, 2, 3],
      MaxConcurrency: 2,
      Label: "Far",
      ItemProcessor: {
        ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
        StartAt: "Work far away",
        States: { "Work far away": { ...task({ far: "{% $states.input %}" }), End: true } },
      },
      Output: "{% $merge([$states.input, { 'far': $states.result.far }]) %}",
      Next: "Ask",
    },
    Ask: {
      Type: "Task",
      Resource: "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
      Arguments: { MessageBody: { token: "{% $states.context.Task.Token %}" } },
      TimeoutSeconds: 600,
      Output: "{% $merge([$states.input, { 'answer': $states.result.answer }]) %}",
      Next: "Start child",
    },
    "Start child": {
      Type: "Task",
      Resource: "arn:aws:states:::states:startExecution.sync:2",
      Arguments: { StateMachineArn: "arn:aws:states:us-east-1:000000000000:stateMachine:child", Input: {} },
      Output: "{% $merge([$states.input, { 'child': $states.result.Output.from }]) %}",
      Next: "Is it well?",
    },
    "Is it well?": {
      Type: "Choice",
      Choices: [{ Condition: "{% $states.input.answer = 'yes' %}", Next: "Try what fails" }],
      Default: "Wrong",
    },
    "Try what fails": {
      ...task({ failWhileBelow: 99, attempt: 0 }),
      Catch: [
        {
          ErrorEquals: ["Busy"],
          Output: "{% $merge([$states.input, { 'caught': $states.errorOutput.Error }]) %}",
          Next: "Done",
        },
      ],
      Next: "Wrong",
    },
    Done: { Type: "Succeed" },
    Wrong: { Type: "Fail", Error: "Wrong" },
  },
};
