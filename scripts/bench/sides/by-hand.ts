import * as path from 'path';
import { ByHandStack } from '../by-hand';
import { measure } from '../measure';
import { PROPS, STACK_ID } from './props';

const root = process.cwd();

measure((app) => new ByHandStack(app, STACK_ID, {
  ...PROPS,
  imageFolder: path.join(root, 'examples', 'mentalhealthaide', 'api'),
  handlerFolder: path.join(root, 'assets'),
}));
