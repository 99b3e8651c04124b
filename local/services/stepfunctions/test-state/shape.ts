/** The shape of an API's answer. */

/** A member of an API's answer. Optional unless `required`. */
export type Shape =
  | { kind: "string"; required?: boolean; least?: number; most?: number; values?: readonly string[] }
  | { kind: "number"; required?: boolean; least?: number; most?: number }
  | { kind: "boolean"; required?: boolean }
  /** Bytes, which a state machine sees as text. */
  | { kind: "blob"; required?: boolean; least?: number; most?: number }
  | { kind: "list"; required?: boolean; of: Shape }
  | { kind: "map"; required?: boolean; of: Shape }
  | { kind: "structure"; required?: boolean; members: Record<string, Shape> }
  | { kind: "any"; required?: boolean };
