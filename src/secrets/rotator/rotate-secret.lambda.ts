import { isKeyList, whyNotContinued } from './key-list';
import { flawOf, generateValue, RotatedGroup, ValueShape } from './secret-value';
import { takeStep } from '../../rotation/four-steps.lambda';
import { RotatedValue, RotationRequest } from '../../rotation/rotation-steps';

/** Rotates a secret whose value is stored only in Secrets Manager. */
export const handler = async (request: RotationRequest): Promise<void> => {
  await takeStep(request, valuesOf(request.SecretId, shapeOf(request.SecretId)));
};

function valuesOf(secretId: string, shape: ValueShape): RotatedValue {
  return {
    next: (current) => generateValue(shape, listToContinue(secretId, shape, current)),
    flawOf: (value, current) => flawOf(value, current, shape),
  };
}

/**
 * Returns the current value if the new value is a list that continues it.
 *
 * Throws if the current value is not a list of keys, and does not change it: without these keys, encrypted data would
 * be lost. A secret that never had a value has no list to continue.
 */
function listToContinue(secretId: string, shape: ValueShape, current: string | undefined): string | undefined {
  if (!isKeyList(shape) || current === undefined) return undefined;
  if (current === '') {
    throw new Error(`the current version of ${secretId} must contain text, so that a list of keys can continue it`);
  }
  const reason = whyNotContinued(current, shape);
  if (reason) throw new Error(`${secretId} ${reason}`);
  return current;
}

/** Returns the shape of a secret's values. Throws if the function does not rotate this secret. */
function shapeOf(secretArn: string): ValueShape {
  const groups: RotatedGroup[] = JSON.parse(process.env.ROTATED!);
  const group = groups.find(({ secretArns }) => secretArns.includes(secretArn));
  if (!group) throw new Error(`${secretArn} is not one of the secrets that this function rotates`);
  return group.shape;
}
