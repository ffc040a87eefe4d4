import { useEffect, useState } from 'react';

/** The response of the API or its error. CloudFront does not replace an error with a page. */
export default function Therapists({ id }) {
  const [answer, setAnswer] = useState({ state: 'loading' });
  useEffect(() => {
    fetch(id ? `/api/therapists/${encodeURIComponent(id)}` : '/api/therapists')
      .then(async (response) => {
        const body = await response.json();
        setAnswer({ state: response.ok ? 'here' : 'failed', status: response.status, body });
      })
      .catch((error) => setAnswer({ state: 'failed', status: 0, body: { error: error.message } }));
  }, [id]);
  if (answer.state === 'loading') return <p>One moment …</p>;
  if (answer.state === 'failed') return <p role="alert">The API answered {answer.status}: {answer.body.error}</p>;
  const therapists = Array.isArray(answer.body) ? answer.body : [answer.body];
  return (
    <>
      <h1>Therapists</h1>
      <ul>{therapists.map(({ id: key, name }) => <li key={key}>{name}</li>)}</ul>
    </>
  );
}
