export const SCRIPT_PATH = '/hand-over/open.js';
export const STYLE_PATH = '/hand-over/page.css';

/** Opens nothing by itself: a person has to press the button. */
export const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>A secret for you</title>
<link rel="stylesheet" href=".${STYLE_PATH}">
<script src=".${SCRIPT_PATH}" defer></script>
<main>
<h1>A secret for you</h1>
<p id="status" role="status">This link shows the secret of a client once. Be ready to store it before you open it.</p>
<noscript><p>Without JavaScript: <code>curl -X POST (this address without #…) -d token=(what follows #)</code></p></noscript>
<p><button id="open" type="button">Show the secret</button></p>
<dl id="opened" hidden></dl>
</main>
</html>
`;

/** The handle leaves the address at once, so that neither history nor a shoulder keeps it. */
export const SCRIPT = `const token = location.hash.slice(1);
history.replaceState(null, '', location.pathname);
const button = document.getElementById('open');
const status = document.getElementById('status');
const opened = document.getElementById('opened');
const LABELS = { client_id: 'Client id', client_secret: 'Secret', token_endpoint: 'Token endpoint', curl: 'Get a token' };

function show(answer) {
  for (const [name, label] of Object.entries(LABELS)) {
    const term = document.createElement('dt');
    const value = document.createElement('dd');
    term.textContent = label;
    value.textContent = answer[name];
    value.id = name;
    opened.append(term, value);
  }
  opened.hidden = false;
  status.textContent = 'Store it now: it is never shown again.';
  offerCopy(answer.client_secret);
}

/** The same button, so that the keyboard stays where it is. Browsers have a clipboard over HTTPS and on loopback only. */
function offerCopy(secret) {
  if (navigator.clipboard === undefined) return button.remove();
  button.textContent = 'Copy the secret';
  button.onclick = async () => {
    await navigator.clipboard.writeText(secret);
    status.textContent = 'Copied. Store it now: it is never shown again.';
  };
}

async function openLink() {
  button.onclick = null;
  try {
    const response = await fetch(location.pathname, { method: 'POST', body: new URLSearchParams({ token }) });
    const answer = await response.json();
    if (response.ok) return show(answer);
    status.textContent = answer.error_description;
    if (response.status === 404) return button.remove();
  } catch {
    status.textContent = 'The server cannot be reached. Try again.';
  }
  button.onclick = openLink;
}

button.onclick = openLink;

if (token === '') {
  status.textContent = 'The link is incomplete: it ends with # and a long code.';
  button.remove();
}
`;

export const STYLE = `:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 42rem; margin: 10vh auto; padding: 0 1rem; }
button { font: inherit; padding: 0.5rem 1rem; }
dt { font-weight: 600; margin-top: 1rem; }
dd { margin: 0; font-family: ui-monospace, monospace; overflow-wrap: anywhere; user-select: all; }
`;
