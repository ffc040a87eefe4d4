import { lazy, Suspense, useEffect, useState } from 'react';
import mark from './mark.svg';

// A separate chunk, which the browser loads when the page opens.
const Therapists = lazy(() => import('./pages/Therapists.jsx'));

/** The path, and a function that changes it without a reload of the page. */
function usePath() {
  const [path, setPath] = useState(window.location.pathname);
  useEffect(() => {
    const moved = () => setPath(window.location.pathname);
    window.addEventListener('popstate', moved);
    return () => window.removeEventListener('popstate', moved);
  }, []);
  const go = (event) => {
    event.preventDefault();
    window.history.pushState(null, '', event.currentTarget.pathname);
    setPath(window.location.pathname);
  };
  return [path, go];
}

export function App() {
  const [path, go] = usePath();
  return (
    <>
      <header>
        <img src={mark} alt="" /> <a href="/" onClick={go}>KareMatch</a>{' '}
        <a href="/therapists" onClick={go}>Therapists</a>
      </header>
      <main>
        <Suspense fallback={<p>One moment …</p>}>{page(path)}</Suspense>
      </main>
    </>
  );
}

function page(path) {
  if (path === '/') return <h1 style={{ color: '#0b7285' }}>Find the care that fits</h1>;
  if (path === '/therapists' || path.startsWith('/therapists/')) return <Therapists id={path.split('/')[2]} />;
  return <h1>There is no such page</h1>;
}
