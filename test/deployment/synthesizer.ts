/**
 * Synthesizes apps one after the other, so that the libraries load once. A message is the folder and the cloud assembly
 * of an app. The process ends if an app fails.
 */
import * as path from 'path';

interface AppMessage {
  readonly folder: string;
  readonly directory: string;
}

async function synthesize({ folder, directory }: AppMessage) {
  process.chdir(folder);
  process.env.CDK_OUTDIR = directory;
  await import(path.join(folder, 'app.ts'));
  // An app that does not call synth() is synthesized at the end of its process.
  process.emit('beforeExit', 0);
  process.removeAllListeners('beforeExit');
  // The validation of the CDK sets the exit code and does not throw.
  if (process.exitCode) process.exit();
  process.send!({ directory });
}

process.on('message', (message: AppMessage) => {
  synthesize(message).catch((error: Error) => {
    console.error(error);
    process.exit(1);
  });
});
process.on('disconnect', () => process.exit());
