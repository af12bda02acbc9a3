import { type Context, Hono } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { Account } from '../directory.ts';
import type { Tenant } from './app.ts';
import { errorBody, OAuthError } from './oauth-error.ts';
import { accountPage, messagePage, PAGE_POLICY } from './pages.ts';
import {
  type Authorization,
  type Destination,
  isLoopback,
  parseAuthorization,
  parseDestination,
} from './parse-authorization.ts';

const CODE_SECONDS = 600;
const SESSION_SECONDS = 86_400;
const SESSION_COOKIE = 'ESTSAUTH';

/** GET and POST authorize: the page, and the choice made on it; GET logout. */
export function authorizeRoutes(tenant: Tenant): Hono {
  const { directory, sealer, origin } = tenant;
  return new Hono()
    .use(async (context, next) => {
      context.header('cache-control', 'no-store');
      context.header('content-security-policy', PAGE_POLICY);
      context.header('referrer-policy', 'no-referrer');
      await next();
    })
    .get('/authorize', (context) =>
      answering(context, async (destination, asked) => {
        const signedIn = await accountOfSession(context);
        const wantsPage = asked.prompt !== undefined && asked.prompt !== 'none';
        const hinted = asked.loginHint === undefined || asked.loginHint === signedIn?.username;
        if (signedIn !== undefined && hinted && !wantsPage) return sendCode(context, destination, asked, signedIn);
        if (asked.prompt === 'none') {
          throw new OAuthError('login_required', 50058, 'A silent sign-in request was sent but no user is signed in.');
        }
        const { pathname, search } = new URL(context.req.url);
        return context.html(accountPage(destination.client.name, directory.accounts, `${pathname}${search}`));
      }),
    )
    .post('/authorize', (context) =>
      answering(context, async (destination, asked) => {
        const sentFrom = context.req.header('origin');
        if (sentFrom !== undefined && sentFrom !== 'null' && sentFrom !== origin)
          throw new OAuthError('invalid_request', 90013, 'The choice was sent from another page than the one here.');
        const form = new URLSearchParams(await context.req.text());
        if (form.has('cancel'))
          throw new OAuthError('access_denied', 65004, 'User declined to consent to access the app.');
        const account = directory.accounts.find(({ username }) => username === form.get('account'));
        if (account === undefined) {
          throw new OAuthError(
            'access_denied',
            50034,
            `The user account '${form.get('account') ?? ''}' does not exist in the ${directory.domain} directory.`,
          );
        }
        setCookie(context, SESSION_COOKIE, await sealer.seal('session', { oid: account.oid }, SESSION_SECONDS), {
          path: '/',
          httpOnly: true,
          sameSite: 'Lax',
        });
        return sendCode(context, destination, asked, account);
      }),
    )
    .get('/logout', (context) => {
      deleteCookie(context, SESSION_COOKIE, { path: '/' });
      const uri = context.req.query('post_logout_redirect_uri');
      if (uri === undefined || !isLoopback(uri))
        return context.html(messagePage('You signed out', 'It is a good idea to close the browser window.'));
      const target = new URL(uri);
      const state = context.req.query('state');
      if (state !== undefined) target.searchParams.set('state', state);
      return context.redirect(target.href);
    });

  async function accountOfSession(context: Context): Promise<Account | undefined> {
    const session = await sealer.open('session', getCookie(context, SESSION_COOKIE) ?? '');
    return directory.accounts.find(({ oid }) => oid === session?.oid);
  }

  /** Errors go to the application once it is known where that is, and are shown before. */
  async function answering(
    context: Context,
    answer: (destination: Destination, asked: Authorization) => Promise<Response>,
  ): Promise<Response> {
    const query = new URL(context.req.url).searchParams;
    let destination: Destination | undefined;
    try {
      destination = parseDestination(query, directory);
      return await answer(destination, parseAuthorization(query, directory));
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error;
      if (destination === undefined)
        return context.html(
          messagePage('Sorry, but we’re having trouble signing you in', `AADSTS${error.code}: ${error.message}`),
          400,
        );
      const { error_description } = errorBody(error) as { readonly error_description: string };
      return send(context, destination, { error: error.error, error_description });
    }
  }

  async function sendCode(
    context: Context,
    destination: Destination,
    { scopes, challenge, nonce }: Authorization,
    { oid }: Account,
  ): Promise<Response> {
    const grant = {
      client: destination.client.clientId,
      redirect: destination.redirectUri,
      scope: scopes.join(' '),
      oid,
      challenge,
      ...(nonce === undefined ? {} : { nonce }),
    };
    const code = await sealer.seal('code', grant, CODE_SECONDS);
    return send(context, destination, { code, session_state: crypto.randomUUID() });
  }
}

function send(
  context: Context,
  { redirectUri, mode, state }: Destination,
  answer: Readonly<Record<string, string>>,
): Response {
  const parameters = new URLSearchParams({ ...answer, ...(state === undefined ? {} : { state }) });
  const target = new URL(redirectUri);
  if (mode === 'fragment') target.hash = parameters.toString();
  else for (const [name, value] of parameters) target.searchParams.set(name, value);
  return context.redirect(target.href);
}
