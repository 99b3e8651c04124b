/** The e-mails that the embedded cloud would have sent: message files in its folder. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

interface Mail {
  path: string;
  to: string;
  subject: string;
  body: string;
}

/** All e-mails of an embedded cloud, oldest first; their file names begin with the time. */
export async function readMailbox(dir: string): Promise<Mail[]> {
  const folder = join(dir, "outbox");
  const files = (await readdir(folder)).filter((file) => file.endsWith(".eml")).sort();
  return Promise.all(
    files.map(async (file) => {
      const path = join(folder, file);
      return { path, ...parseMail(await readFile(path, "utf8")) };
    }),
  );
}

function parseMail(text: string): Omit<Mail, "path"> {
  const end = text.indexOf("\r\n\r\n");
  const headers = new Map(
    text
      .slice(0, end)
      .split("\r\n")
      .map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
  );
  return {
    to: headers.get("to") ?? "",
    subject: headers.get("subject") ?? "",
    body: text.slice(end + 4).replaceAll("\r\n", "\n"),
  };
}
