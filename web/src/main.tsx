import { render } from 'preact';
import { explainError } from './api/api-problem.ts';
import { App } from './app.tsx';
import { BASE, go } from './routing/router.ts';
import { takeOver } from './session/owner.ts';
import { signedIn, signedOut } from './session/session.ts';
import { completeSignIn } from './session/sign-in.ts';
import './styles/index.css';

try {
  const done = await completeSignIn();
  if (done !== undefined) {
    await takeOver(done.tokens.name);
    signedIn(done.tokens);
    go(done.returnTo, { replace: true });
  }
} catch (error) {
  signedOut(`Signing in did not work: ${explainError(error)}`);
  go(BASE, { replace: true });
}

const root = document.getElementById('app');
if (root !== null) render(<App />, root);

if ('serviceWorker' in navigator) {
  navigator.serviceWorker.register(`${BASE}service-worker.js`, { scope: BASE }).catch((error: unknown) => {
    console.warn('The app will not open without a network:', error);
  });
}
