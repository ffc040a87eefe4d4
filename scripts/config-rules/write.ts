/** Writes the module of the library and the page of the documentation about the rules of the conformance pack. */
import * as fs from 'fs';
import { RULES_PAGE, rulesPage } from './page';
import { RULES_MODULE, rulesModule } from './rules-module';

for (const [file, text] of [[RULES_MODULE, rulesModule()], [RULES_PAGE, rulesPage()]]) {
  fs.writeFileSync(file, text);
  console.log(`wrote ${file}`);
}
