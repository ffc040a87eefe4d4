import * as fs from 'fs';
import * as path from 'path';
import { Documents } from './documents';
import { ROOT } from '../../../scripts/examples/example';

/** An alarm that the documents of an example name. */
export interface NamedAlarm {
  /** The construct in OPERATIONS.md, followed by the name in the table of its page: `ApiCpuHigh`. */
  readonly id: string;
  /** The metric in the table. */
  readonly metric: string;
}

/** Alarms for which an example differs from a page. */
export interface Exception {
  readonly why: string;
  /** Selects alarms, as `<id>: <metric>`. */
  readonly alarms: RegExp;
  /** The alarms that the example has instead. Otherwise it has none. */
  readonly instead?: (id: string) => string[];
}

/** The construct and the page of each row of the alarm table of OPERATIONS.md. */
const ROW = /^\| (`\w+`(?:, `\w+`)*) \| .+ \| \[.+\]\(\.\.\/\.\.\/docs\/([\w-]+)\.md\) \|$/gm;
/** A link to the alarms of another page. They belong to the construct too. */
const LINK = /\]\(([\w-]+)\.md#(?:monitoring|alarms)\)/g;

export const readPage = (page: string) => fs.readFileSync(path.join(ROOT, 'docs', `${page}.md`), 'utf8');

/** The code words in a text: names in a table, or the cells of a row of OPERATIONS.md. */
export const codeWords = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, word]) => word);

/** The cells of each line of a table. */
export const cellsOf = (lines: string[]) =>
  lines.map((line) => line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim()));

/** The names and metrics of the alarm tables of a page. Each row of a table of log metrics is an alarm too. */
function alarmsOfPage(page: string): Array<{ name: string; metric: string }> {
  const tables = readPage(page).split(/\n(?!\|)/).flatMap((block) => block.match(/^\|[^]*/m) ?? []);
  return tables
    .map((table) => cellsOf(table.trimEnd().split('\n')))
    .filter(([[heading]]) => heading === 'Alarm' || heading === 'Metric')
    .flatMap(([, , ...rows]) => rows)
    .flatMap(([names, metric]) => codeWords(names).map((name) => ({ name, metric })));
}

/**
 * The alarms that an example has according to its documents: OPERATIONS.md names the constructs and their pages, and
 * the pages name the alarms. Fails for an exception that concerns no alarm, and for an alarm with several exceptions.
 */
export function namedAlarms(documents: Documents, exceptions: Exception[]): NamedAlarm[] {
  const rows = [...documents.operations.matchAll(ROW)];
  expect(rows.length).toBeGreaterThan(5);
  const written = rows.flatMap(([, constructs, page]) => {
    const pages = [page, ...[...readPage(page).matchAll(LINK)].map(([, other]) => other)];
    const alarms = pages.flatMap(alarmsOfPage);
    return codeWords(constructs).flatMap((construct) =>
      alarms.map(({ name, metric }) => ({ id: `${construct}${name}`, metric })));
  });
  const differing = ({ id, metric }: NamedAlarm) => exceptions.filter(({ alarms }) => alarms.test(`${id}: ${metric}`));
  expect(written.filter((alarm) => differing(alarm).length > 1)).toEqual([]);
  expect(exceptions.filter((exception) => !written.some((alarm) => differing(alarm).includes(exception)))).toEqual([]);
  return written.flatMap((alarm) => {
    const [exception] = differing(alarm);
    const ids = exception ? exception.instead?.(alarm.id) ?? [] : [alarm.id];
    return ids.map((id) => ({ ...alarm, id }));
  });
}
