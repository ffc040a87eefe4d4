import * as cdk from 'aws-cdk-lib';
import { satisfies } from '../../src/core/prop-type';
import { PROP_TYPES } from '../../src/core/prop-types';

type Enum = Record<string, string | number>;

/** The enums of aws-cdk-lib that props have, by the name that a message has for them. */
const ENUMS = Object.entries<string>(PROP_TYPES.enums).filter(([, place]) => !place.includes('='))
  .map(([name, place]): [string, Enum] => [
    name,
    place.split('.').reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], cdk) as Enum,
  ]);
const membersOf = (all: Enum) => Object.entries(all).filter(([member]) => Number.isNaN(Number(member)));
const NUMERIC = ENUMS.filter(([, all]) => membersOf(all).every(([, value]) => typeof value === 'number'));

test('some of the enums have numbers as values', () => {
  expect(NUMERIC.map(([name]) => name)).toEqual(expect.arrayContaining(['logs.RetentionDays']));
});

test.each(ENUMS)('every member of %s is accepted', (name, all) => {
  expect(membersOf(all).filter(([, value]) => !satisfies(name, value))).toEqual([]);
});

test.each(NUMERIC)('no name of a member of %s is accepted for its number', (name, all) => {
  const names = membersOf(all).map(([member]) => member);
  expect([...names, ...Object.values(all).map(String)].filter((text) => satisfies(name, text))).toEqual([]);
});
