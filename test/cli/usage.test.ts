import { describe, expect, it } from "vitest";
import { sluice } from "./in-process.ts";
import { sluice as spawned } from "./spawn-sluice.ts";

const commands = ["demo", "up", "ingest", "query", "report", "executions", "generate", "sources", "asl"];

describe("sluice", () => {
  it("gives an overview of all commands on --help and exits 0", async () => {
    const { status, stdout, stderr } = await spawned(["--help"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    for (const command of commands) expect(stdout).toMatch(new RegExp(`^  ${command} `, "m"));
  });

  it("treats no command and an unknown one as wrong usage", async () => {
    expect(await spawned([])).toMatchObject({
      status: 2,
      stdout: "",
      stderr: expect.stringContaining("Usage: sluice"),
    });
    expect(await spawned(["explode"])).toMatchObject({
      status: 2,
      stdout: "",
      stderr: expect.stringMatching(/no command "explode".*demo/),
    });
  });

  it.each(commands)("explains %s on --help", async (command) => {
    const { status, stdout, stderr } = await sluice([command, "--help"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(new RegExp(`^Usage: sluice ${command} `));
  });

  it.each([
    [["up", "--port", "http"], /--port is "http", expected a whole number/],
    [["up", "--prot", "1"], /'--prot'/],
    [["demo", "now"], /'now'/],
    [["ingest"], /Name at least one file or folder/],
    [["ingest", "package.json"], /--source is missing/],
    [["ingest", "package.json", "--source", "toString"], /no source "toString".*cloudfront, alb/],
    [["ingest", "/nowhere/at-all.gz", "--source", "alb"], /no file or folder \/nowhere\/at-all\.gz/],
    [["query"], /Give one of: SQL, --name NAME, --file FILE/],
    [["query", "SELECT 1", "--name", "x"], /Give one of/],
    [["query", "SELECT", "1"], /one argument in quotes/],
    [["query", "SELECT 1", "--format", "xml"], /--format is "xml", expected table, csv, json/],
    [["query", "--name", "no-such-query"], /no query "no-such-query"/],
    [["query", "--name", "daily-rows"], /--report which one's: alb-daily or cloudfront-daily/],
    [["query", "--name", "alb-daily-status", "--param", "start=1; DROP TABLE alb"], /expected YYYY-MM-DD HH:MM:SS/],
    [["query", "--name", "alb-top-clients", "--date", "2026-01-17"], /takes no --date/],
    [["query", "SELECT 1", "--date", "2026-01-17"], /belong to --name/],
    [["query", "--file", "/nowhere.sql"], /Cannot read --file \/nowhere\.sql/],
    [["report"], /Name one report/],
    [["report", "weekly"], /no report "weekly".*alb-daily, cloudfront-daily/],
    [["report", "alb-daily", "--date", "2026-02-30"], /--date is "2026-02-30", expected a day/],
    [["executions", "show"], /Expected "list", "show EXECUTION"/],
    [["executions", "--status", "sad"], /--status is "sad", expected RUNNING/],
    [["generate"], /Name one source/],
    [["generate", "alb"], /--rows is missing/],
    [["generate", "s3", "--rows", "1"], /no source "s3"/],
    [["generate", "alb", "--rows", "1e3"], /--rows is "1e3"/],
    [["sources", "guess"], /"guess" is nothing to do with sources/],
    [["sources", "infer"], /Name one sample file/],
    [["sources", "drift", "--source", "nobody"], /no source "nobody"/],
    [["sources", "drift", "--date", "2026-02-30"], /--date is "2026-02-30", expected a day/],
    [["sources", "drift", "--days", "0"], /--days is "0", expected a whole number from 1/],
    [["sources", "drift", "--days", "1", "--date", "2026-01-17"], /--date or --days, not both/],
    [["asl"], /Expected "run FILE"/],
    [["asl", "brew"], /no "asl brew"/],
  ])("refuses %j before it starts anything, with exit status 2 and no stack", async (args, message) => {
    const { status, stdout, stderr } = await sluice(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr).toContain(`sluice ${args[0]} --help`);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});
