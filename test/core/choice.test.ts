import { markChoice } from '../../src/core/choice';

/** A choice class, written like those in src. */
abstract class NatStrategy {
  public readonly _choiceClass: string = markChoice(this, 'NatStrategy');

  public abstract _gatewayOfEachZone(): string[];
}

class OnePerAz extends NatStrategy {
  public _gatewayOfEachZone(): string[] {
    return [];
  }
}

/** A choice class without subclasses. */
class LogMetric {
  public readonly _choiceClass: string;

  constructor(name?: string) {
    this._choiceClass = markChoice(this, 'LogMetric', name !== undefined);
  }
}

const create = (type: unknown) => new (type as new () => NatStrategy)();

test('an instance of a subclass has the mark', () => {
  expect(create(OnePerAz)._choiceClass).toBe('NatStrategy');
  expect(new LogMetric('Errors')._choiceClass).toBe('LogMetric');
});

test('the constructor of the class is refused', () => {
  expect(() => create(NatStrategy)).toThrow(new Error(
    '[NatStrategy] instances must come from a factory, but new NatStrategy() was called. '
    + 'Use NatStrategy.onePerAz(), .single(…), .regional() or .none(…).'));
  expect(() => new LogMetric()).toThrow(new Error(
    '[LogMetric] instances must come from a factory, but new LogMetric() was called. '
    + 'Use LogMetric.applicationErrors(…), .failedLogins(…) or .matching(…).'));
});

test('a subclass without the internal methods is refused', () => {
  const Broken = class Mine extends (NatStrategy as unknown as new () => object) {};
  expect(() => create(Broken)).toThrow(new Error(
    '[NatStrategy] instances must come from a factory, but Mine extends it without _gatewayOfEachZone. '
    + 'Use NatStrategy.onePerAz(), .single(…), .regional() or .none(…).'));
});
