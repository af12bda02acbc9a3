import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { explainError } from '../api/api-problem.ts';
import { Notice } from '../components/notice.tsx';
import { startSignIn } from './sign-in.ts';

/** Where somebody comes who is not signed in. */
export function SignInPage({ message }: { readonly message: string | undefined }): JSX.Element {
  const [error, setError] = useState<unknown>();
  const [going, setGoing] = useState(false);
  const start = async (otherAccount: boolean): Promise<void> => {
    setGoing(true);
    setError(undefined);
    try {
      await startSignIn({ otherAccount });
    } catch (problem) {
      setError(problem);
      setGoing(false);
    }
  };
  return (
    <main class="sign-in">
      <img src={`${import.meta.env.BASE_URL}icon.svg`} alt="" width="72" height="72" />
      <h1>Landfall</h1>
      <p class="lead">A file lands, an insight reaches a phone.</p>
      {message !== undefined && <Notice kind="warning">{message}</Notice>}
      {error !== undefined && <Notice kind="error">{explainError(error)}</Notice>}
      <button type="button" class="primary large" disabled={going} onClick={() => start(false)}>
        {going ? 'One moment…' : 'Sign in'}
      </button>
      <button type="button" class="quiet" disabled={going} onClick={() => start(true)}>
        Use another account
      </button>
    </main>
  );
}
