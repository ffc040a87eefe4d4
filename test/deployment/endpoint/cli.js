// Runs commands of the CDK CLI one after the other, each as its own process would: a command has ended when nothing is
// left to do. Only the program stays loaded. A message is the arguments of a command or its outcome.
require('./short-pauses');
require('./metadata');

const [, , program] = process.argv;
const { cli } = require(program);

let output = [];
for (const stream of [process.stdout, process.stderr]) {
  stream.write = (chunk, encoding, done) => {
    output.push(String(chunk));
    const callback = typeof encoding === 'function' ? encoding : done;
    if (callback) process.nextTick(callback);
    return true;
  };
}

let running = false;
process.on('message', (args) => {
  running = true;
  output = [];
  process.exitCode = undefined;
  process.channel.unref();
  cli(args);
});
process.on('beforeExit', () => {
  if (!running) return;
  running = false;
  process.channel.ref();
  process.send({ status: process.exitCode ?? 0, output: output.join('') });
});
process.on('disconnect', () => process.exit());
