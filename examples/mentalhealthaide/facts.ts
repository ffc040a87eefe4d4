import { Fact } from '../facts';
export const FACTS: Fact[] = [];
