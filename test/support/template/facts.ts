import { Template } from 'aws-cdk-lib/assertions';

/** One statement of a document, and the proof that the example meets it. */
export interface Fact<System = Template> {
  /** The section of the document. */
  readonly section: string;
  /** The words of the statement, verbatim. */
  readonly words: string;
  /** Shows the statement in the templates. For a replaced statement, shows the replacement. */
  readonly shown?: (system: System) => void;
  /** Why the example does something else. Requires `shown`. */
  readonly replaced?: string;
  /** Why no template can show the statement. */
  readonly notInfrastructure?: string;
}

/** Tests each statement on the templates of the example. */
export function testFacts<System>(facts: Fact<System>[], system: () => System): void {
  test.each(facts.map((fact) => [`${fact.section}: ${fact.words}`, fact] as const))('%s', (_name, fact) => {
    if (fact.notInfrastructure !== undefined) {
      expect(fact.shown).toBeUndefined();
      expect(fact.notInfrastructure.length).toBeGreaterThan(20);
    } else {
      fact.shown!(system());
    }
  });

  test('every statement has one row', () => {
    const statements = facts.map((fact) => `${fact.section}: ${fact.words}`);
    expect(statements).toEqual([...new Set(statements)]);
  });
}
