// Loaded into the CDK CLI. It asks every 2 or 5 s whether an operation has ended; here, operations end within one.
const { setTimeout: wait } = globalThis;
globalThis.setTimeout = (callback, pause, ...others) =>
  wait(callback, pause === 2_000 || pause === 5_000 ? 100 : pause, ...others);
