/** A packed text without what may stand around it. */
export interface PackedText {
  readonly text: Uint8Array;
  readonly packed: Uint8Array;
  /** Whether a checksum protects the text. */
  readonly isChecked: boolean;
}
