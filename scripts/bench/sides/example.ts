import { MentalHealthAideStack } from '../../../examples/mentalhealthaide/mentalhealthaide-stack';
import { measure } from '../measure';
import { PROPS, STACK_ID } from './props';

measure((app) => new MentalHealthAideStack(app, STACK_ID, PROPS));
