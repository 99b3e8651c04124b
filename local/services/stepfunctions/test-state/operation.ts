/** TestState: runs one state by itself, with a mock in the place of its work. */
import type { Engine } from "../../../../engine/index.ts";
import type { Operation } from "../../../wire/service.ts";
import { testedState } from "./find-state.ts";
import { checkMock } from "./mock-check.ts";
import type { TestStateInput } from "./request.ts";
import { StateTest } from "./run-state.ts";

export function testState(engine: Engine): Operation {
  return async (request: TestStateInput) => {
    const { state, name } = testedState(request);
    checkMock(request, state);
    return new StateTest(engine, request, state, name).run();
  };
}
