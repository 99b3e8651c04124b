/** Problems of text that is not JSON, in the words of the parser that AWS uses. */

/** @returns The problem, and where it is. */
export function locateJsonProblem(text: string): { problem: string; source: string } {
  const token = /^\s*([A-Za-z_$][\w$]*)/.exec(text);
  const lines = text.split("\n");
  if (token) {
    return {
      problem: `Unrecognized token '${token[1]}': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`,
      source: `[Source: (String)"${text}"; line: 1, column: ${token[0].length + 1}]`,
    };
  }
  return {
    problem: "Unexpected end-of-input or character in the JSON text",
    source: `[Source: (String)"${text}"; line: ${lines.length}, column: ${lines.at(-1)!.length + 1}]`,
  };
}

export function jsonProblem(text: string): string {
  const { problem, source } = locateJsonProblem(text);
  return `${problem}\n at ${source}`;
}
