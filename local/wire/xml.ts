/** XML as AWS writes it: elements and text, no mixed content. */

type XmlValue = string | number | boolean | undefined | null | XmlFields | XmlFields[] | string[];
export interface XmlFields {
  [element: string]: XmlValue;
}

/** Characters that XML 1.0 cannot hold at all, and those that mean something. Carriage returns would be normalised away. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters in question
const SPECIAL = /[&<>"'\r\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g;
const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" };

function escapeXml(text: string): string {
  return text.replace(SPECIAL, (char) => ENTITIES[char] ?? `&#x${char.charCodeAt(0).toString(16).toUpperCase()};`);
}

/** An element with its fields in order; an array repeats the element, undefined leaves it out. */
export function element(name: string, value: XmlValue, attributes = ""): string {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) return value.map((item) => element(name, item, attributes)).join("");
  const content = typeof value === "object" ? fields(value) : escapeXml(String(value));
  return `<${name}${attributes}>${content}</${name}>`;
}

function fields(record: XmlFields): string {
  return Object.entries(record)
    .map(([name, value]) => element(name, value))
    .join("");
}

export function document(name: string, value: XmlFields, namespace?: string): string {
  const attributes = namespace ? ` xmlns="${escapeXml(namespace)}"` : "";
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element(name, value, attributes)}`;
}

/** A parsed element: its text, and its children in order. */
export interface XmlElement {
  name: string;
  text: string;
  children: XmlElement[];
}

/**
 * Parses the small documents that S3 clients send. Namespaces and attributes are skipped; document types, which no
 * client sends, are refused.
 *
 * @throws {SyntaxError} When the document is not well formed.
 */
export function parseXml(source: string): XmlElement {
  const root: XmlElement = { name: "", text: "", children: [] };
  const stack = [root];
  let at = 0;
  for (const tag of source.matchAll(/<(?:\?[^>]*\?|!--[\s\S]*?--|(\/?)([^\s/>!]+)([^>]*?)(\/?))>/g)) {
    const open = stack.at(-1)!;
    open.text += unescapeXml(source.slice(at, tag.index));
    at = tag.index + tag[0].length;
    const [, closing, qualified, , empty] = tag;
    if (!qualified) continue;
    const name = qualified.split(":").at(-1)!;
    if (closing) {
      if (open.name !== name || stack.length === 1) throw new SyntaxError(`</${name}> closes nothing`);
      stack.pop();
    } else {
      const child: XmlElement = { name, text: "", children: [] };
      open.children.push(child);
      if (!empty) stack.push(child);
    }
  }
  if (
    stack.length !== 1 ||
    root.children.length !== 1 ||
    source.slice(at).trim() !== "" ||
    source.includes("<!DOCTYPE")
  )
    throw new SyntaxError("The XML you provided was not well-formed");
  return root.children[0]!;
}

function unescapeXml(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(amp|lt|gt|quot|apos));/gi, (_, hex, decimal, name) => {
    if (name) return { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" }[name as "amp"];
    return String.fromCodePoint(hex ? Number.parseInt(hex, 16) : Number(decimal));
  });
}

/** The text of a child, or undefined when there is none. */
export function childText(parent: XmlElement | undefined, name: string): string | undefined {
  return parent?.children.find((child) => child.name === name)?.text;
}
