import { System } from './system';
import { newApp, templateOf } from '../../../support/app';
import { DEVELOPMENT, Environment, PRODUCTION } from '../../../../examples/karematch/environments';
import { ImagesStack } from '../../../../examples/karematch/images-stack';
import { KareMatchStack } from '../../../../examples/karematch/karematch-stack';

const ENV = { region: 'us-east-1' };

/** Synthesises both environments, as app.ts does. */
export function karematch(): System {
  const app = newApp();
  const stacks = (name: string, environment: Environment) => {
    const images = new ImagesStack(app, `${name}Images`, { env: ENV, environment });
    const main = new KareMatchStack(app, name, { env: ENV, environment, image: images.backend.image('1.0.0') });
    return { images, main };
  };
  const production = stacks('KareMatch', PRODUCTION);
  const development = stacks('KareMatchDevelopment', DEVELOPMENT);
  return {
    production: templateOf(production.main),
    productionImages: templateOf(production.images),
    development: templateOf(development.main),
    developmentImages: templateOf(development.images),
  };
}
