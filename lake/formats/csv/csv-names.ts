/** The configured names among the fields of a line. */

export class ConfiguredNames {
  readonly all: readonly string[];
  /** By the name in lower case. Names that differ only in their case are not in it: only their own spelling is certain. */
  readonly #byLower = new Map<string, string>();
  readonly #exact: ReadonlySet<string>;

  constructor(names: readonly string[]) {
    this.all = names;
    this.#exact = new Set(names);
    const ambiguous = new Set<string>();
    for (const name of names) {
      const lower = name.toLowerCase();
      if (this.#byLower.has(lower)) ambiguous.add(lower);
      this.#byLower.set(lower, name);
    }
    for (const lower of ambiguous) this.#byLower.delete(lower);
  }

  /** Whether a text is one of the names, in whatever case. */
  has(text: string): boolean {
    return this.#exact.has(text) || this.#byLower.has(text.toLowerCase());
  }

  /**
   * Gives fields the names as the configuration spells them. Another case counts where no field has the very name, and only one
   * field has it in another case.
   */
  spelled(texts: readonly string[]): string[] {
    const present = new Set(texts);
    const counts = new Map<string, number>();
    for (const text of texts) counts.set(text.toLowerCase(), (counts.get(text.toLowerCase()) ?? 0) + 1);
    return texts.map((text) => {
      const lower = text.toLowerCase();
      const name = this.#exact.has(text) ? text : this.#byLower.get(lower);
      return name !== undefined && !present.has(name) && counts.get(lower) === 1 ? name : text;
    });
  }

  /** How many of the names stand in a line. */
  countIn(texts: readonly string[]): number {
    const spelled = new Set(this.spelled(texts));
    return this.all.filter((name) => spelled.has(name)).length;
  }

  missingIn(texts: readonly string[]): string[] {
    const spelled = new Set(this.spelled(texts));
    return this.all.filter((name) => !spelled.has(name));
  }
}
