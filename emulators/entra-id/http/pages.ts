import { createHash } from 'node:crypto';
import { html, raw } from 'hono/html';
import type { Account } from '../directory.ts';

type Page = ReturnType<typeof html>;

const STYLE = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { margin: 0 auto; max-width: 26rem; padding: 2rem 1rem; background: Canvas; color: CanvasText; }
  h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .5rem; }
  ul { list-style: none; margin: 1.5rem 0; padding: 0; display: grid; gap: .75rem; }
  button { box-sizing: border-box; width: 100%; min-height: 44px; padding: .75rem 1rem; font: inherit; text-align: left;
    color: inherit; background: transparent; border: 1px solid currentcolor; border-radius: .5rem; cursor: pointer; }
  button:hover { text-decoration: underline; }
  button:focus-visible { outline: 3px solid Highlight; outline-offset: 2px; }
  strong, span { display: block; }
`;

/** What a page of ours may do: be styled by its own style sheet, and nothing else. */
export const PAGE_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; frame-ancestors 'none'`;

/** The page on which one picks an account. `action` is where the choice goes. */
export function accountPage(application: string, accounts: readonly Account[], action: string): Page {
  return page(
    'Pick an account',
    html`<p>Sign in to ${application}. This is the local stand-in for Entra ID: no password is asked for.</p>
      <form method="post" action="${action}">
        <ul>
          ${accounts.map(
            ({ username, name, roles }) => html`<li>
              <button name="account" value="${username}"><strong>${name}</strong><span>${username}</span>
                <span>${roles.length === 0 ? 'no roles' : roles.join(', ')}</span></button>
            </li>`,
          )}
        </ul>
        <button name="cancel" value="true">Cancel</button>
      </form>`,
  );
}

/** A page that says something. */
export function messagePage(title: string, text: string): Page {
  return page(title, html`<p>${text}</p>`);
}

function page(title: string, content: Page): Page {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <style>${raw(STYLE)}</style>
      </head>
      <body>
        <main><h1>${title}</h1>${content}</main>
      </body>
    </html>`;
}
