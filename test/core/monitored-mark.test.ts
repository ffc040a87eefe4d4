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

test('a construct says that it can be watched, and that it is', () => {
  expect(typesOf([declareWatchable])).toEqual([WATCHABLE_METADATA]);
  expect(typesOf([declareWatchable, declareWatched])).toEqual([WATCHABLE_METADATA, WATCHED_METADATA]);
});

test('saying it again changes nothing', () => {
  expect(typesOf([declareWatchable, declareWatchable, declareWatched, declareWatched])).toEqual([
    WATCHABLE_METADATA,
    WATCHED_METADATA,
  ]);
});

test('the names are part of the report\'s form', () => {
  expect([WATCHABLE_METADATA, WATCHED_METADATA]).toEqual(['cdk-hipaa:watchable', 'cdk-hipaa:watched']);
});

test('what wants to be watched and is not can be found', () => {
  const stack = newStack();
  const [watched, forgotten] = ['Watched', 'Forgotten', 'Indifferent'].map((id) => new Construct(stack, id));
  [watched, forgotten].forEach(declareWatchable);
  declareWatched(watched);
  expect(unwatched(stack.node.root)).toEqual([forgotten]);
});
