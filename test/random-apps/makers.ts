import { Maker, Making } from './generator';

export const REASON: Maker = () => 'the reason of the team';
export const integer = (min: number, max: number): Maker => ({ random }) => random.int(min, max);
export const one = <T>(...values: T[]): Maker => ({ random }) => random.pick(values);
export const several = <T>(min: number, max: number, ...values: T[]): Maker => ({ random }) =>
  random.some(values, min, max);
export const nested = (struct: string, given: Record<string, unknown> = {}): Maker => ({ generator, place }) =>
  generator.props(struct, place, given);
export const choice = (type: string): Maker => ({ generator, place, soFar }) => generator.choice(type, place, soFar);
export const options = (struct: string) => ({ generator, place }: Making) => [generator.props(struct, place)];
/** The options of a relaxation. */
export const relaxation = nested('RelaxationOptions');
