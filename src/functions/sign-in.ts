import { endpoint } from '../shared/http/endpoint.ts';
import { problem } from '../shared/http/problem.ts';
import { services } from '../shared/services.ts';

/** GET /api/sign-in: where and as what a browser app signs people in. */
endpoint('sign-in', {
  method: 'GET',
  route: 'sign-in',
  access: 'anyone',
  handler: async () => {
    const signIn = await services().identity.signIn();
    if (signIn === undefined) {
      return problem(404, 'Nobody can sign in here: AUTH_ISSUER and AUTH_CLIENT_ID are not set. Use a function key.');
    }
    return { jsonBody: signIn };
  },
});
