import type { Graph } from "./graph.ts";

/** The order in which a deployment makes resources, which it does as soon as what they depend on is there. */
export class Waves {
  readonly #dependencies: Map<string, string[]>;
  readonly #names: Map<string, string>;
  readonly #waves = new Map<string, number>();

  constructor(graph: Graph) {
    const made = graph.resources.filter(({ component }) => !component);
    const urns = new Set(made.map(({ urn }) => urn));
    this.#names = new Map(made.map(({ urn, type, name }) => [urn, `${type.replace(/:\w+$/, "")} ${name}`]));
    this.#dependencies = new Map(
      made.map(({ urn, dependencies }) => [urn, dependencies.filter((other) => urns.has(other))]),
    );
  }

  /** 0 for what can be made at once; otherwise one more than the latest that it depends on. */
  of(urn: string): number {
    const known = this.#waves.get(urn);
    if (known !== undefined) return known;
    const wave = Math.max(-1, ...this.#dependencies.get(urn)!.map((other) => this.of(other))) + 1;
    this.#waves.set(urn, wave);
    return wave;
  }

  /** Everything that waits for a resource, directly or not, as "type name". */
  waitingFor(urn: string): string[] {
    const waiting = new Set([urn]);
    for (let before = 0; before !== waiting.size; ) {
      before = waiting.size;
      for (const [other, dependencies] of this.#dependencies)
        if (dependencies.some((dependency) => waiting.has(dependency))) waiting.add(other);
    }
    waiting.delete(urn);
    return [...waiting].map((other) => this.#names.get(other)!).sort();
  }

  /** The longest chain of resources of which each waits for the one before, as "type name". */
  longestChain(): string[] {
    const urns = [...this.#dependencies.keys()];
    let last = urns.reduce((a, b) => (this.of(b) > this.of(a) ? b : a));
    const chain = [last];
    while (this.of(last) > 0) {
      last = this.#dependencies.get(last)!.find((other) => this.of(other) === this.of(last) - 1)!;
      chain.unshift(last);
    }
    return chain.map((urn) => this.#names.get(urn)!);
  }
}
