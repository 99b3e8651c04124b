/** Does what a test asks for, most of it wrong. */
interface Context {
  functionName: string;
  memoryLimitInMB: string;
  getRemainingTimeInMillis(): number;
}

class UnknownFormat extends Error {
  override readonly name = "UnknownFormat";
}

export async function handler(event: { do: string; text?: string }, context: Context): Promise<unknown> {
  switch (event.do) {
    case "echo":
      return { event, name: context.functionName, memory: context.memoryLimitInMB, env: process.env.GREETING };
    case "throw":
      throw new UnknownFormat("starts with .PNG");
    case "hang":
      return new Promise((resolve) => setTimeout(resolve, 60_000));
    case "exhaust": {
      const kept: number[][] = [];
      for (;;) kept.push(new Array(1_000_000).fill(kept.length));
    }
    case "exit":
      process.exit(3);
      break;
    case "print":
      console.log(event.text);
      return null;
    case "large":
      return "x".repeat(7 * 1024 * 1024);
    case "http":
      return { statusCode: 302, headers: { location: "https://example.com/" }, body: "" };
    default:
      return { statusCode: 200, body: JSON.stringify(event) };
  }
}
