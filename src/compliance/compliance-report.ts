import * as fs from 'fs';
import * as path from 'path';
import {
  App,
  IPolicyValidationContext,
  IPolicyValidationPlugin,
  PolicyValidationPluginReport,
  Validations,
} from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { unwatched } from '../core/monitored-mark';
import { Relaxation, RELAXATION_METADATA } from '../core/relaxation';

/** The name of the report in the cloud assembly. */
export const REPORT_FILE = 'compliance-report.json';

/**
 * Deletes the report of an earlier synthesis into the same directory.
 *
 * aws-cdk-lib throws if a plugin changes a file that existed before the plugin ran.
 */
export function removeStaleReport(outdir: string): string[] {
  fs.rmSync(path.join(outdir, REPORT_FILE), { force: true });
  return [];
}

/** Writes the report for auditors: checks, relaxations, acknowledgements, and constructs that are not watched. */
export class ComplianceReport implements IPolicyValidationPlugin {
  public readonly name = 'cdk-hipaa report';

  /**
   * @param mode `enforce` if findings stop the synthesis, otherwise `report`
   * @param checks the names of the plugins that run
   */
  constructor(private readonly mode: string, private readonly checks: string[]) {}

  public validate(context: IPolicyValidationContext): PolicyValidationPluginReport {
    const constructs = context.appConstruct.node.findAll();
    const report = {
      mode: this.mode,
      checks: this.checks,
      relaxed: constructs.flatMap(relaxationsOf),
      acknowledged: constructs.flatMap(acknowledgementsOf),
      notWatched: unwatched(context.appConstruct).map((construct) => construct.node.path),
    };
    fs.writeFileSync(
      path.join((context.appConstruct as App).outdir, REPORT_FILE),
      JSON.stringify(report, undefined, 2),
    );
    return { success: true, violations: [] };
  }
}

function relaxationsOf(construct: IConstruct) {
  return construct.node.metadata
    .filter((entry) => entry.type === RELAXATION_METADATA)
    .map((entry) => ({ path: construct.node.path, ...entry.data as Relaxation }));
}

function acknowledgementsOf(construct: IConstruct) {
  return construct.node.metadata
    .filter((entry) => entry.type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
    .flatMap((entry) => Object.entries(entry.data as Record<string, string>))
    .map(([id, reason]) => ({ path: construct.node.path, id, reason }));
}
