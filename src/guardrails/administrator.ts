import { isClientError } from './account-switch';

/**
 * The administrator that a call returns, or undefined if the service refuses the call.
 *
 * The service refuses it, for example, without an organization.
 */
export async function administratorOf(call: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await call();
  } catch (error) {
    // A member cannot disable the settings of its administrator, so an unknown administrator is safe.
    if (isClientError(error)) return undefined;
    throw error;
  }
}
