import { Construct } from 'constructs';
import {
  declareWatchable,
  declareWatched,
  unwatched,
  WATCHABLE_METADATA,
  WATCHED_METADATA,
} from '../../src/core/monitored-mark';
import { newStack } from '../support/app';

const typesOf = (declare: typeof declareWatched[]) => {
  const stack = newStack();
  declare.forEach((each) => each(stack));
  return stack.node.metadata.map((entry) => entry.type).filter((type) => type.startsWith('cdk-hipaa:'));
};

test('a construct declares that it can be watched, and that it is watched', () => {
  expect(typesOf([declareWatchable])).toEqual([WATCHABLE_METADATA]);
  expect(typesOf([declareWatchable, declareWatched])).toEqual([WATCHABLE_METADATA, WATCHED_METADATA]);
});

test('a second declaration changes nothing', () => {
  expect(typesOf([declareWatchable, declareWatchable, declareWatched, declareWatched])).toEqual([
    WATCHABLE_METADATA,
    WATCHED_METADATA,
  ]);
});

test('the metadata types are part of the format of the report', () => {
  expect([WATCHABLE_METADATA, WATCHED_METADATA]).toEqual(['cdk-hipaa:watchable', 'cdk-hipaa:watched']);
});

test('unwatched() finds watchable constructs that are not watched', () => {
  const stack = newStack();
  const [watched, forgotten] = ['Watched', 'Forgotten', 'Indifferent'].map((id) => new Construct(stack, id));
  [watched, forgotten].forEach(declareWatchable);
  declareWatched(watched);
  expect(unwatched(stack.node.root)).toEqual([forgotten]);
});
