import type { InputFault } from '../../shared/errors.ts';
import { isAllowedLink, parsed } from './markdown.ts';
import { marked, unmarked } from './marks.ts';
import { placeOf, scan } from './scan.ts';
import type { TemplateKey, TemplateText } from './schema.ts';
import { isForUsers, type Variable, variableNamed, variablesOf } from './variables.ts';

/** What is wrong with a text for a mail: each variable that the mail does not have, each link that may not be. */
export function textFaults(key: TemplateKey, text: Partial<TemplateText>): InputFault[] {
  const { subject, body } = text;
  return [
    ...(subject === undefined ? [] : variableFaults(key, '/subject', subject)),
    ...(body === undefined ? [] : [...variableFaults(key, '/body', body), ...bodyFaults(body)]),
  ];
}

function variableFaults(key: TemplateKey, pointer: string, template: string): InputFault[] {
  const known = new Set<Variable>(variablesOf(key));
  return scan(template).flatMap((part) => {
    if (!('name' in part)) return [];
    const variable = variableNamed(part.name);
    if (variable && known.has(variable)) return [];
    const { line, column } = placeOf(template, part.offset);
    const reason = variable
      ? `the mail ${key} has no $${part.name}`
      : `there is no variable $${part.name}; a dollar sign before a letter is written $$`;
    return [
      {
        pointer,
        code: variable ? 'variable-not-here' : 'unknown-variable',
        detail: `Line ${line}, column ${column}: ${reason}.`,
      },
    ];
  });
}

function bodyFaults(body: string): InputFault[] {
  if (body.trim() === '') return [{ pointer: '/body', code: 'required', detail: 'A mail needs words.' }];
  const tokens = parsed(marked(body), 'all').flatMap(({ children }) => children ?? []);
  const links = tokens.filter(({ type }) => type === 'link_open').map((token) => String(token.attrGet('href') ?? ''));
  return [...new Set(links)]
    .filter((href) => !isAllowedLink(href))
    .map((href) => {
      const written = unmarked(href);
      return {
        pointer: '/body',
        code: 'link-not-allowed',
        detail: `${placeOfLink(body, written)}links lead to https and mailto addresses and to $portal.link, not to ${written.slice(0, 200)}`,
      };
    });
}

function placeOfLink(body: string, href: string): string {
  const offset = body.indexOf(href);
  if (offset < 0) return '';
  const { line, column } = placeOf(body, offset);
  return `Line ${line}, column ${column}: `;
}

/** A client has no part in what is mailed to users. */
export function trialFaults(key: TemplateKey, trial: { clientId?: unknown; contactId?: unknown }): InputFault[] {
  const faults: InputFault[] = [];
  if (isForUsers(key) && trial.clientId !== undefined)
    faults.push({ pointer: '/clientId', code: 'not-allowed', detail: 'This mail goes to users of the company.' });
  if (trial.contactId !== undefined && trial.clientId === undefined)
    faults.push({ pointer: '/contactId', code: 'not-allowed', detail: 'A contact is named together with its client.' });
  return faults;
}
