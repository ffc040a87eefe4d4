import { Template } from 'aws-cdk-lib/assertions';
import { System } from './system';
import { appOf, Json, templatesOf } from '../../../support/template/example';

/** The template of each stack of app.ts. */
export const karematchTemplates = (): Record<string, Json> => templatesOf(appOf('karematch'));

/** The templates of both environments. */
export function karematch(templates = karematchTemplates()): System {
  return {
    production: Template.fromJSON(templates.KareMatch),
    productionImages: Template.fromJSON(templates.KareMatchImages),
    development: Template.fromJSON(templates.KareMatchDevelopment),
    developmentImages: Template.fromJSON(templates.KareMatchDevelopmentImages),
  };
}
