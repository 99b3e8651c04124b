import { describe, expect, it } from "vitest";
import { judgeSend, type SendItem } from "../../../lake/batch/send.ts";

const item = (status: SendItem["status"], execution: string): SendItem => ({
  ...{ status, execution, claimedAtMs: 1_000_000, mailSubject: "s" },
});
const soon = 1_010_000;
const late = 2_000_000;

describe("judgeSend", () => {
  it.each<[string, SendItem | undefined, nowMs: number, isForced: boolean, expected: string]>([
    ["what nobody sent", undefined, soon, false, "send"],
    ["what another run sent", item("sent", "other"), late, false, "sent"],
    ["what another run sent, forced", item("sent", "other"), late, true, "send"],
    ["what this run sent, when its task is tried again", item("sent", "me"), soon, false, "sent"],
    ["what this run sent, forced", item("sent", "me"), soon, true, "sent"],
    ["what the topic did not take", item("failed", "other"), soon, false, "send"],
    ["what another run is sending", item("sending", "other"), soon, false, "busy"],
    ["what another run is sending, forced", item("sending", "other"), soon, true, "busy"],
    ["what another run was sending when it ended", item("sending", "other"), late, false, "send"],
    ["what this run was sending when its task broke off", item("sending", "me"), soon, false, "send"],
  ])("%s", (_, found, nowMs, isForced, expected) => {
    expect(judgeSend(found, { execution: "me", nowMs, isForced })).toBe(expected);
  });
});
