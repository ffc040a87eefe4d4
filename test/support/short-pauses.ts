/**
 * The promises of `timers/promises` with pauses of a twentieth, for tests of handlers that attempt a call again:
 * `jest.mock('timers/promises', () => jest.requireActual('./short-pauses'))`.
 */
const { setTimeout: sleep } = jest.requireActual<typeof import('timers/promises')>('timers/promises');

const short = (time: number, ...rest: [unknown?, object?]) => sleep(time / 20, ...rest);
export { short as setTimeout };
