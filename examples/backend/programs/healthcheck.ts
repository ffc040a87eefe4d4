// The health check of the container: exits with 0 if the program in the same container makes progress.
import { isAlive } from './heartbeat';

process.exit(isAlive() ? 0 : 1);
