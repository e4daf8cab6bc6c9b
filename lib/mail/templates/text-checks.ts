import type { InputFault } from '../../shared/errors.ts';
import { mailKinds, type TemplateKey } from '../kinds.ts';
import { hrefOf, isAllowedLink, parseMarkdown } from '../rendering/markdown.ts';
import {
  countLinkPlaceholders,
  insertPlaceholders,
  parseTemplate,
  restoreVariableNames,
} from '../rendering/placeholders.ts';
import { type Variable, variableNamed, variablesOf } from '../rendering/variables.ts';
import { checkLinkVariables } from './link-checks.ts';
import { positionOf } from './position.ts';
import type { TemplateText } from './schema.ts';

/**
 * The faults of a mail's text: each variable that the mail does not have, each link that is not allowed, and each link
 * variable that does not stand by itself or is missing.
 */
export function checkText(key: TemplateKey, text: Partial<TemplateText>): InputFault[] {
  const { subject, body } = text;
  return [
    ...(subject === undefined ? [] : checkVariables(key, '/subject', subject)),
    ...(body === undefined ? [] : [...checkVariables(key, '/body', body), ...checkBody(body)]),
    ...checkLinkVariables(key, text),
  ];
}

function checkVariables(key: TemplateKey, pointer: string, template: string): InputFault[] {
  const known = new Set<Variable>(variablesOf(key));
  return parseTemplate(template).flatMap((part) => {
    if (!('name' in part)) return [];
    const variable = variableNamed(part.name);
    if (variable && known.has(variable)) return [];
    const reason = variable
      ? `the mail ${key} has no $${part.name}`
      : `there is no variable $${part.name}; a dollar sign before a letter is written $$`;
    return [
      {
        pointer,
        code: variable ? 'variable-not-here' : 'unknown-variable',
        detail: `${positionOf(template, part.offset)}: ${reason}.`,
      },
    ];
  });
}

function checkBody(body: string): InputFault[] {
  if (body.trim() === '') return [{ pointer: '/body', code: 'required', detail: 'A mail needs words.' }];
  const tokens = parseMarkdown(insertPlaceholders(body), 'all').flatMap(({ children }) => children ?? []);
  const links = tokens.filter(({ type }) => type === 'link_open').map(hrefOf);
  return [...new Set(links)]
    .filter((href) => !isAllowedLink(href) && countLinkPlaceholders(href) === 0)
    .map((href) => {
      const written = restoreVariableNames(href);
      const offset = body.indexOf(written);
      const reason = `links lead to https and mailto addresses and to $portal.link, not to ${written.slice(0, 200)}`;
      return {
        pointer: '/body',
        code: 'link-not-allowed',
        // Markdown may have decoded the address, so that the body does not contain it as such.
        detail: offset < 0 ? reason : `${positionOf(body, offset)}: ${reason}`,
      };
    });
}

/** The faults of the client and the contact that a trial names. A mail to users has neither. */
export function checkTrialTarget(key: TemplateKey, trial: { clientId?: unknown; contactId?: unknown }): InputFault[] {
  const faults: InputFault[] = [];
  if (mailKinds[key].recipient === 'user' && trial.clientId !== undefined)
    faults.push({ pointer: '/clientId', code: 'not-allowed', detail: 'This mail goes to users of the company.' });
  if (trial.contactId !== undefined && trial.clientId === undefined)
    faults.push({
      pointer: '/contactId',
      code: 'not-allowed',
      detail: 'A contact needs its client in clientId.',
      dependsOn: ['/clientId'],
    });
  return faults;
}
