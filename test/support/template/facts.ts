import { Template } from 'aws-cdk-lib/assertions';

/** One statement of a documented system, and how the example answers it: by a template, or by whatever else `System` is. */
export interface Fact<System = Template> {
  /** The part of the document it stands in. */
  readonly section: string;
  /** Its words. */
  readonly words: string;
  /** What in the template shows it. A replaced statement shows what stands in its place. */
  readonly shown?: (system: System) => void;
  /** Why something else stands in its place. Needs `shown`. */
  readonly replaced?: string;
  /** Why no template can show it. */
  readonly notInfrastructure?: string;
}

/** Tests a table of facts against what the example makes. */
export function testFacts<System>(facts: Fact<System>[], system: () => System): void {
  test.each(facts.map((fact) => [`${fact.section}: ${fact.words}`, fact] as const))('%s', (_name, fact) => {
    if (fact.notInfrastructure !== undefined) {
      expect(fact.shown).toBeUndefined();
      expect(fact.notInfrastructure.length).toBeGreaterThan(20);
    } else {
      fact.shown!(system());
    }
  });

  test('every statement stands once', () => {
    const statements = facts.map((fact) => `${fact.section}: ${fact.words}`);
    expect(statements).toEqual([...new Set(statements)]);
  });
}
