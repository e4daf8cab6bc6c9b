import type { CapturedMail } from './captured-mail.ts';

/** A mail may contain anything: no script of it may run, and nothing is loaded from other hosts. */
export const inboxSecurityPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'; form-action 'self'";

const style = `
:root { color-scheme: light dark; --line: light-dark(#ddd, #3a3a3a); --quiet: light-dark(#666, #9a9a9a); --mark: light-dark(#eef3ff, #23304d); }
* { box-sizing: border-box; }
body { margin: 0; font: 15px/1.5 system-ui, sans-serif; display: grid; grid-template-columns: minmax(16rem, 24rem) 1fr; min-height: 100vh; }
nav { border-right: 1px solid var(--line); }
h1 { font-size: 1.1rem; margin: 0; padding: 1rem; }
nav a { display: block; padding: .6rem 1rem; border-top: 1px solid var(--line); color: inherit; text-decoration: none; overflow-wrap: anywhere; }
nav a:hover, nav a[aria-current] { background: var(--mark); }
main { padding: 1rem 1.5rem; min-width: 0; }
small, dt { color: var(--quiet); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; }
dd { margin: 0; overflow-wrap: anywhere; }
iframe { width: 100%; height: 60vh; border: 1px solid var(--line); background: #fff; color-scheme: light; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid var(--line); padding: 1rem; }
@media (max-width: 45rem) { body { display: block; } nav { border: 0; } }`;

/** The inbox as one page: the mails on the left, the chosen one (or the newest) on the right. */
export function inboxPage(mails: readonly CapturedMail[], chosenId: string | null): string {
  const newestFirst = mails.toReversed();
  const chosen = newestFirst.find(({ id }) => id === chosenId) ?? newestFirst[0];
  const refresh = chosenId === null ? '<meta http-equiv="refresh" content="5">' : '';
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">${refresh}
<title>Inbox (${mails.length})</title><style>${style}</style></head>
<body>
<nav aria-label="Mails"><h1>Inbox <small>${mails.length}</small></h1>${newestFirst.map((mail) => listEntry(mail, mail === chosen)).join('\n')}</nav>
<main>${chosen === undefined ? '<p>No mail yet. What the functions send appears here.</p>' : detail(chosen)}</main>
</body>
</html>
`;
}

function listEntry(mail: CapturedMail, current: boolean): string {
  const marked = current ? ' aria-current="true"' : '';
  return `<a href="?mail=${encodeURIComponent(mail.id)}"${marked}><strong>${escapeHtml(mail.subject || '(no subject)')}</strong><br>
<small>${escapeHtml(mail.to.join(', '))} · ${escapeHtml(mail.time)}</small></a>`;
}

function detail(mail: CapturedMail): string {
  const rows: [string, string][] = [
    ['From', mail.fromName === '' ? mail.from : `${mail.fromName} <${mail.from}>`],
    ['To', mail.to.join(', ')],
    ['Reply to', mail.replyTo.join(', ')],
    ['Time', mail.time],
    ['Sent by', mail.function],
    ['Attachments', mail.attachments.map(({ filename, bytes }) => `${filename} (${bytes} bytes)`).join(', ')],
  ];
  const listed = rows
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `<dt>${name}</dt><dd>${escapeHtml(value)}</dd>`);
  const headers = Object.entries(mail.headers).map(([name, value]) => `${name}: ${value}`);
  // Links open in a new tab; scripts, forms and everything else are off.
  const frame = `<iframe title="The mail" sandbox="allow-popups allow-popups-to-escape-sandbox" srcdoc="${escapeHtml(`<base target="_blank">${withPictures(mail)}`)}"></iframe>`;
  return `<h2>${escapeHtml(mail.subject || '(no subject)')}</h2><dl>${listed.join('')}</dl>
${mail.html === '' ? '' : frame}
${mail.text === '' ? '' : `<h3>Text</h3><pre>${withLinks(mail.text)}</pre>`}
<details><summary>Headers</summary><pre>${escapeHtml(headers.join('\n'))}</pre></details>`;
}

/** The HTML with the pictures that are parts of the mail. */
function withPictures({ html, attachments }: CapturedMail): string {
  return attachments.reduce(
    (shown, { picture }) => (picture ? shown.replaceAll(`"${escapeHtml(picture.src)}"`, `"${picture.data}"`) : shown),
    html,
  );
}

function withLinks(text: string): string {
  return text
    .split(/(https?:\/\/[^\s<>"]+)/)
    .map((part, index) =>
      index % 2 === 1
        ? `<a href="${escapeHtml(part)}" target="_blank" rel="noreferrer">${escapeHtml(part)}</a>`
        : escapeHtml(part),
    )
    .join('');
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
