/** Length of a slot, for which an offset is looked up once. Every change of an offset in use is at a slot's border. */
const SLOT_SECONDS = 900;
/** Slots that are remembered: ninety days. Then all are forgotten. */
const MAX_SLOTS = 8640;

/** Finds the offset of a time zone from UTC. */
export class ZoneOffset {
  readonly #clock: Intl.DateTimeFormat | undefined;
  /** Offsets by slot; NaN where it changes within one. */
  readonly #slots = new Map<number, number>();
  #lastSlot = Number.NaN;
  #lastOffset = 0;

  /** @param timeZone - IANA name. */
  constructor(timeZone: string) {
    if (timeZone !== "UTC")
      this.#clock = new Intl.DateTimeFormat("en-US", {
        timeZone,
        calendar: "iso8601",
        numberingSystem: "latn",
        hourCycle: "h23",
        year: "numeric",
        month: "2-digit",
        day: "2-digit",
        hour: "2-digit",
        minute: "2-digit",
        second: "2-digit",
      });
  }

  /**
   * @param epochSeconds - A whole number of seconds since 1970.
   * @returns Seconds to add to get the local time.
   */
  at(epochSeconds: number): number {
    if (!this.#clock) return 0;
    const slot = Math.floor(epochSeconds / SLOT_SECONDS);
    if (slot !== this.#lastSlot) {
      this.#lastOffset = this.#ofSlot(slot);
      this.#lastSlot = slot;
    }
    return Number.isNaN(this.#lastOffset) ? this.#ask(epochSeconds) : this.#lastOffset;
  }

  #ofSlot(slot: number): number {
    const known = this.#slots.get(slot);
    if (known !== undefined) return known;
    const first = this.#ask(slot * SLOT_SECONDS);
    const last = this.#ask((slot + 1) * SLOT_SECONDS - 1);
    const offset = first === last ? first : Number.NaN;
    if (this.#slots.size === MAX_SLOTS) this.#slots.clear();
    this.#slots.set(slot, offset);
    return offset;
  }

  #ask(epochSeconds: number): number {
    const part: Record<string, number> = {};
    for (const { type, value } of this.#clock!.formatToParts(epochSeconds * 1000)) part[type] = Number(value);
    const { year, month, day, hour, minute, second } = part as Record<
      "year" | "month" | "day" | "hour" | "minute" | "second",
      number
    >;
    return Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - epochSeconds;
  }
}
