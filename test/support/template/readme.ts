import * as childProcess from 'child_process';
import * as fs from 'fs';
import * as path from 'path';
import { Template } from 'aws-cdk-lib/assertions';

/** A line of a table of costs. */
export interface Cost {
  readonly what: string;
  /** How the price comes about. Empty, or words without a product, for what costs nothing. */
  readonly arithmetic: string;
  readonly cents: number;
}

/** A README of an example, as its tests read it. */
export class Readme {
  public readonly text: string;

  constructor(private readonly folder: string) {
    this.text = fs.readFileSync(path.join(folder, 'README.md'), 'utf8');
  }

  /** What a pattern captures, wherever it matches. */
  public captures(pattern: RegExp): string[][] {
    return [...this.text.matchAll(pattern)].map(([, ...captured]) => captured);
  }

  /** What is to be entered into a shell, block by block. */
  public get commands(): string[] {
    return this.captures(/```sh\n([^]*?)```/g).flat();
  }

  /** The tests of what every README has: commands and links. */
  public test(): void {
    test('its commands are understood by a shell', () => {
      expect(this.commands.length).toBeGreaterThan(10);
      for (const command of this.commands) childProcess.execFileSync('bash', ['-n'], { input: command });
    });

    test('its links lead to files, and to headings in them', () => {
      const links = this.captures(/\]\((\.\.?\/[^)#]+)(?:#([^)]+))?\)/g);
      expect(links.length).toBeGreaterThan(10);
      for (const [file, heading] of links) {
        const headings = [...fs.readFileSync(path.join(this.folder, file), 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, words]) => anchor(words));
        if (heading) expect(headings).toContain(heading);
      }
    });
  }
}

/** The tests of a table of costs: each price is what its arithmetic says, and the sum that of the prices. */
export function testCosts(costs: Cost[]): void {
  const rows = costs.filter(({ what }) => what !== 'sum');

  test('follow from their arithmetic', () => {
    const wrong = rows.filter(({ arithmetic, cents }) => Math.abs(value(arithmetic) * 100 - cents) > 0.5 + 1e-9);
    expect(wrong).toEqual([]);
    expect(rows.length).toBeGreaterThan(20);
  });

  test('add up', () => {
    expect(costs.filter(({ what }) => what === 'sum').map(({ cents }) => cents)).toEqual([sum(rows.map(({ cents }) => cents))]);
  });
}

/** A line of a table of costs from its cells, some of which may be bold. */
export const cost = (what: string, arithmetic: string, price: string): Cost => ({
  what: what.replace(/\*/g, ''), arithmetic: arithmetic.trim(), cents: Math.round(Number(price.replace(',', '')) * 100),
});

/** How many metrics the alarms read, each of which is paid for. */
export function alarmedMetrics(template: Template): number {
  return sum(Object.values(template.findResources('AWS::CloudWatch::Alarm')).map(({ Properties }) =>
    Properties.Metrics?.filter((metric: { MetricStat?: object }) => metric.MetricStat).length ?? 1));
}

/** How many resources of a type there are. */
export const amount = (template: Template, type: string) => Object.keys(template.findResources(type)).length;

/** How many resources of a type stay when the stack is deleted. */
export function kept(template: Template, type: string): number {
  return Object.values(template.findResources(type)).filter(({ DeletionPolicy }) => /^Retain/.test(DeletionPolicy ?? '')).length;
}

export const sum = (numbers: number[]) => numbers.reduce((total, each) => total + each, 0);

/** What sums and products come to. Words between the numbers are read over. */
function value(arithmetic: string): number {
  const tokens = arithmetic.replace(/(\d),(\d)/g, '$1$2').match(/\d+(\.\d+)?|[×+()]/g) ?? [];
  const operand = (): number => {
    const token = tokens.shift();
    if (token !== '(') return Number(token);
    const inner = addition();
    tokens.shift();
    return inner;
  };
  const multiplication = (): number => {
    let product = operand();
    while (tokens[0] === '×') {
      tokens.shift();
      product *= operand();
    }
    return product;
  };
  const addition = (): number => {
    let total = multiplication();
    while (tokens[0] === '+') {
      tokens.shift();
      total += multiplication();
    }
    return total;
  };
  return arithmetic.includes('×') ? addition() : 0;
}

const anchor = (heading: string) => heading.toLowerCase().replace(/[^\w\- ]/g, '').replace(/ /g, '-');
