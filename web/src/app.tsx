import type { ComponentType, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { hasKept } from './api/last-insights.ts';
import { Icon } from './components/icon.tsx';
import { Loading } from './components/loading.tsx';
import { Notice } from './components/notice.tsx';
import { useModule } from './components/use-module.ts';
import { useOnline } from './components/use-online.ts';
import { Link } from './routing/link.tsx';
import { useRoute } from './routing/router.ts';
import { leaveDevice } from './session/owner.ts';
import { signedOut } from './session/session.ts';
import { leaveIssuer } from './session/sign-in.ts';
import { SignInPage } from './session/sign-in-page.tsx';
import type { Role, Tokens } from './session/tokens.ts';
import { useSession } from './session/use-session.ts';

type ViewModule = Promise<{ readonly default: ComponentType<{ readonly route: readonly string[] }> }>;

interface View {
  readonly name: 'insights' | 'operations' | 'explore' | 'upload';
  readonly title: string;
  /** Who has this role is offered the view. */
  readonly role: Role;
  readonly load: () => ViewModule;
}

const VIEWS: readonly View[] = [
  {
    name: 'insights',
    title: 'Insights',
    role: 'Insights.Read',
    load: () => import('./views/insights/insights-view.tsx'),
  },
  {
    name: 'operations',
    title: 'Operations',
    role: 'Insights.Read',
    load: () => import('./views/operations/operations-view.tsx'),
  },
  { name: 'explore', title: 'Explore', role: 'Data.Query', load: () => import('./views/explore/explore-view.tsx') },
  { name: 'upload', title: 'Upload', role: 'Pipeline.Operate', load: () => import('./views/upload/upload-view.tsx') },
];

/** The app: who is there, what is offered to them, and the view at the address. */
export function App(): JSX.Element {
  const { tokens, message } = useSession();
  const online = useOnline();
  const [keptInsights, setKeptInsights] = useState(false);
  useEffect(() => {
    hasKept().then(setKeptInsights, () => undefined);
  }, []);
  // Without a network nobody can sign in; what this device keeps can be read all the same.
  if (tokens === undefined && (online || !keptInsights)) return <SignInPage message={message} />;
  return <Shell tokens={tokens} online={online} />;
}

function Shell({ tokens, online }: { readonly tokens: Tokens | undefined; readonly online: boolean }): JSX.Element {
  const [name = 'insights', ...route] = useRoute();
  const roles = tokens?.roles ?? ['Insights.Read'];
  const offered = VIEWS.filter(({ role }) => roles.includes(role));
  const view = VIEWS.find((candidate) => candidate.name === name);
  useEffect(() => {
    document.title = view === undefined ? 'Landfall' : `${view.title} · Landfall`;
  }, [view]);
  return (
    <div class="shell">
      <a class="skip" href="#main">
        Skip to content
      </a>
      <header class="app-bar">
        <Link to="insights" class="brand">
          <img src={`${import.meta.env.BASE_URL}icon.svg`} alt="" width="28" height="28" />
          <span>Landfall</span>
        </Link>
        {offered.length > 0 && (
          <nav class="nav" aria-label="Views">
            {offered.map((entry) => (
              <Link key={entry.name} to={entry.name} class="nav-link" current={entry === view}>
                <Icon name={entry.name} />
                <span>{entry.title}</span>
              </Link>
            ))}
          </nav>
        )}
        <Account tokens={tokens} />
      </header>
      <main id="main" class="main" tabIndex={-1}>
        {!online && view?.name !== 'insights' && (
          <Notice kind="warning">There is no network. What you see was kept on this device.</Notice>
        )}
        {view === undefined ? (
          <>
            <h1>Nothing here</h1>
            <Notice kind="warning">
              There is no such page. <Link to="insights">Go to the insights.</Link>
            </Notice>
          </>
        ) : offered.includes(view) ? (
          <ViewAt key={view.name} view={view} route={route} />
        ) : (
          <NotForYou view={view} />
        )}
      </main>
    </div>
  );
}

function ViewAt({ view, route }: { readonly view: View; readonly route: readonly string[] }): JSX.Element {
  const { module: Loaded, failed } = useModule(view.load);
  if (failed) return <Notice kind="error">This part of the app could not be loaded. Is there a network?</Notice>;
  if (Loaded === undefined) return <Loading what={view.title.toLowerCase()} lines={12} />;
  return <Loaded route={route} />;
}

function NotForYou({ view }: { readonly view: View }): JSX.Element {
  return (
    <>
      <h1>{view.title}</h1>
      <Notice kind="info">
        Your account does not have the role <code>{view.role}</code> that this needs. Whoever administers Landfall can
        give it to you.
      </Notice>
    </>
  );
}

function Account({ tokens }: { readonly tokens: Tokens | undefined }): JSX.Element {
  const leave = async (): Promise<void> => {
    await leaveDevice();
    signedOut();
    await leaveIssuer().catch(() => undefined);
  };
  if (tokens === undefined) return <span class="account muted">Not signed in</span>;
  return (
    <div class="account">
      <span class="account-name" title={tokens.roles.join(', ')}>
        {tokens.name}
      </span>
      <button type="button" class="quiet icon-button" onClick={leave}>
        <Icon name="leave" />
        <span>Sign out</span>
      </button>
    </div>
  );
}
