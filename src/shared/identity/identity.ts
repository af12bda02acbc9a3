import type { AuthConfig } from '../config.ts';
import { createGuard, type Guard } from './guard.ts';
import { createIssuerMetadata } from './issuer.ts';
import { type SignIn, toSignIn } from './sign-in.ts';
import { createVerifyToken } from './verify-token.ts';

/** Who may call, and how to become one who may. */
export interface Identity {
  readonly admit: Guard;
  /** How a browser app signs in; undefined when that is not configured. */
  signIn(): Promise<SignIn | undefined>;
}

/** Builds the guard and the way to sign in from the configuration; what is not configured is not accepted. */
export function createIdentity({ tokens, clientId, functionKey }: AuthConfig): Identity {
  const key = functionKey === undefined ? {} : { functionKey };
  if (tokens === undefined) return { admit: createGuard(key), signIn: async () => undefined };
  const metadata = createIssuerMetadata(tokens.issuer);
  return {
    admit: createGuard({ verifyToken: createVerifyToken(metadata, tokens.audience), ...key }),
    signIn: async () => (clientId === undefined ? undefined : toSignIn(await metadata(), tokens.audience, clientId)),
  };
}
