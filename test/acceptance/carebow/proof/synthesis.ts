import { Template } from 'aws-cdk-lib/assertions';
import { System } from './system';
import { appOf, Json, templatesOf } from '../../../support/template/example';

/** The template of each stack of app.ts. */
export const carebowTemplates = (): Record<string, Json> => templatesOf(appOf('carebow'));

/** The templates of CareBow. */
export function carebow(templates = carebowTemplates()): System {
  return {
    main: Template.fromJSON(templates.CareBow),
    images: Template.fromJSON(templates.CareBowImages),
    guardrails: Template.fromJSON(templates.CareBowGuardrails),
    delivery: Template.fromJSON(templates.CareBowDelivery),
  };
}
