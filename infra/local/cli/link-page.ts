import { createHash } from 'node:crypto';

/** Where links in mails lead on this machine, by the variable of a function that has the address of the real pages. */
export const linkPages = (url: string): Readonly<Record<string, string>> => ({
  PORTAL_URL: `${url}/_local/pages/portal`,
  STAFF_URL: `${url}/_local/pages/staff`,
});

type LinkUse = { title: string; path?: string; takesPassword?: boolean };

/** What each link is for, and the route that its page will call. */
const uses: Readonly<Record<string, LinkUse>> = {
  'portal/invitation': {
    title: 'Invitation to the client portal',
    path: '/v1/portal/invitation/accept',
    takesPassword: true,
  },
  'portal/invoices': { title: 'An invoice in the client portal' },
  'portal/password-reset': { title: 'New password for the client portal' },
  'staff/invitation': { title: 'Invitation to the staff', path: '/v1/auth/invitation/accept', takesPassword: true },
  'staff/password-reset': {
    title: 'New password for a user',
    path: '/v1/auth/password-reset/confirm',
    takesPassword: true,
  },
  'staff/verify-email': { title: 'Confirmation of an e-mail address', path: '/v1/auth/email-verification/confirm' },
};

/** The token is in the fragment, which browsers do not send: only a script in the page can read it. */
const script = `
const command = document.querySelector('[data-path]');
const token = location.hash.slice(1);
if (command && !/^[\\w-]+$/.test(token)) command.textContent = 'The address has no token. Open the link from the mail.';
else if (command) {
  const { path, company, password } = command.dataset;
  const body = { company, token, ...(password ? { password } : {}) };
  command.textContent = "curl -i " + location.origin + path + " -H 'content-type: application/json' \\\\\\n  -d '" + JSON.stringify(body) + "'";
}
`;

const scriptHash = createHash('sha256').update(script).digest('base64');

export const linkPageSecurityPolicy = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${scriptHash}'`;

const style = `
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 3rem auto; padding: 0 1rem; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: 1rem; border: 1px solid light-dark(#ccc, #555); }`;

/**
 * What a one-time link in a mail shows on this machine, because its page is not built yet: what the link is for, and the
 * command that uses it. Undefined for an address that is in no mail.
 *
 * @param audience `portal` or `staff`
 * @param company the slug of the company, which has no characters that HTML escapes
 */
export function linkPage(audience: string, company: string, page: string): string | undefined {
  const use = uses[`${audience}/${page}`];
  if (use === undefined || !/^[a-z0-9-]+$/.test(company)) return undefined;
  const { title, path, takesPassword } = use;
  const password = takesPassword ? ' data-password="a-new-pass-phrase-of-yours"' : '';
  const explanation =
    path === undefined
      ? '<p>The API has no route for this link yet either.</p>'
      : `<p>Until then this command does what the page will do${password ? ', with a password that you choose' : ''}. The link works once.</p>
<pre data-path="${path}" data-company="${company}"${password}>The command appears here if scripts may run.</pre>`;
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer">
<title>${title}</title><style>${style}</style></head>
<body>
<h1>${title}</h1>
<p>You have opened a link from a mail of the company <strong>${company}</strong>. On AWS it leads to the pages of Clientele, which are not built yet; on this machine it leads here.</p>
${explanation}
<script>${script}</script>
</body>
</html>
`;
}
