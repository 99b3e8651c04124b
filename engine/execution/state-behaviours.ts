/** The table of state types: which behaviour runs a state. */
import type { CompiledState, StateType } from "../definition/machine.ts";
import { choice } from "../states/choice.ts";
import { distributedMap } from "../states/distributed-map/distributed-map.ts";
import { fail } from "../states/fail.ts";
import { inlineMap } from "../states/inline-map.ts";
import { parallel } from "../states/parallel.ts";
import { pass } from "../states/pass.ts";
import type { StateBehaviour } from "../states/state-behaviour.ts";
import { succeed } from "../states/succeed.ts";
import { task } from "../states/task.ts";
import { wait } from "../states/wait.ts";

const behaviours: Record<Exclude<StateType, "Map">, StateBehaviour> = {
  Pass: pass,
  Task: task,
  Choice: choice,
  Wait: wait,
  Succeed: succeed,
  Fail: fail,
  Parallel: parallel,
};

export function behaviourOf(state: CompiledState): StateBehaviour {
  if (state.type === "Map") return isDistributed(state) ? distributedMap : inlineMap;
  return behaviours[state.type];
}

function isDistributed(state: CompiledState): boolean {
  const processor = (state.raw["ItemProcessor"] ?? state.raw["Iterator"]) as
    | { ProcessorConfig?: { Mode?: string } }
    | undefined;
  return processor?.ProcessorConfig?.Mode === "DISTRIBUTED";
}
