import * as fs from 'fs';
import * as path from 'path';
import { CONTROL_LIFE } from './controls';
import { ADOPT, DISPOSABLE_APP, UPDATE } from './lives';
import { ROOT, variantNames } from '../../scripts/examples/example';

test('CI runs every life, and each once', () => {
  const script = fs.readFileSync(path.join(ROOT, '.ci', 'deploy-local.sh'), 'utf8').replace(/\\\n/g, '');
  const names = /^\[ \$# -gt 0 \] \|\| set -- (.*)$/m.exec(script)![1].trim().split(/\s+/);
  const others = [DISPOSABLE_APP, UPDATE, ADOPT, CONTROL_LIFE].map(({ name }) => name);
  expect(names.sort()).toEqual([...variantNames(), ...others, 'refusals'].sort());
});
