const MODULUS = 2_147_483_647;
const MULTIPLIER = 48_271;

/** Random numbers from a seed: the same seed gives the same numbers (Lehmer, MINSTD). */
export class Random {
  private state: number;

  /** @param trials how often `chance` tries: 2 or more make an app with most of its optional parts */
  constructor(seed: number, private readonly trials = 1) {
    this.state = (seed * 7_919 + 12_345) % (MODULUS - 1) + 1;
    for (let round = 0; round < 3; round++) this.next();
  }

  /** A number from 0 to 1. */
  public next(): number {
    this.state = this.state * MULTIPLIER % MODULUS;
    return this.state / MODULUS;
  }

  public chance(probability: number): boolean {
    return this.next() < 1 - (1 - probability) ** this.trials;
  }

  /** An integer within the bounds, both included. */
  public int(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  public pick<T>(values: readonly T[]): T {
    return values[this.int(0, values.length - 1)];
  }

  /** Different values, at least `min` of them. */
  public some<T>(values: readonly T[], min: number, max: number): T[] {
    const left = [...values];
    return Array.from({ length: Math.min(this.int(min, max), left.length) }, () =>
      left.splice(this.int(0, left.length - 1), 1)[0]);
  }
}
