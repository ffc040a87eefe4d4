import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { System } from './system';
import { Parameters, PARAMETERS } from '../../../../examples/backend/parameters';
import { defineBackend } from '../../../../examples/backend/stacks';
import { AuroraCapacity } from '../../../../src';
import { appOf, Json, templatesOf } from '../../../support/template/example';

const STACK = 'backend-prod';
/** The app of the variant with an RDS instance. */
export const INSTANCE = 'app.instance.ts';

/** The template of each stack of app.ts, and of app.instance.ts with the variant before the name. */
export function backendTemplates(): Record<string, Json> {
  const instance = Object.entries(templatesOf(appOf('backend', INSTANCE)));
  return {
    ...templatesOf(appOf('backend')),
    ...Object.fromEntries(instance.map(([name, template]) => [`instance/${name}`, template])),
  };
}

/** The environment that the parameter `environment` makes disposable, without Spot Instances. */
function dev(): Json {
  const app = new App();
  const capacity = AuroraCapacity.serverless({ minAcu: 0.5, maxAcu: 4 });
  const parameters: Parameters = { ...PARAMETERS, environment: 'dev', useSpot: false };
  defineBackend(app, { region: 'us-east-1' }, parameters, capacity);
  return templatesOf(app)['backend-dev'];
}

/** The templates of the backend. */
export function backend(templates = backendTemplates()): System {
  return {
    aurora: Template.fromJSON(templates[STACK]),
    instance: Template.fromJSON(templates[`instance/${STACK}`]),
    images: Template.fromJSON(templates[`${STACK}-images`]),
    dev: Template.fromJSON(dev()),
  };
}
