import { describe, expect, it } from 'vitest';
import { VARIABLES, variableNamed } from '../../lib/mail/rendering/variables.ts';
import { checkText } from '../../lib/mail/templates/text-checks.ts';
import { listVariables } from '../../lib/mail/templates/variable-list.ts';

describe('the list of variables', () => {
  const list = listVariables(new Date('2026-01-31T09:30:00Z'));

  it('has every variable once, with two names that mean it', () => {
    expect(list.map(({ name }) => name.slice(1))).toEqual(VARIABLES);
    for (const { name, frenchName } of list) expect(variableNamed(frenchName.slice(1))).toBe(name.slice(1));
    const french = Object.fromEntries(list.map(({ name, frenchName }) => [name, frenchName]));
    expect(french).toMatchObject({
      '$client.custom1': '$client.personnalisé1',
      '$contact.first_name': '$contact.prénom',
      '$contact.name': '$contact.nom_complet',
      '$company.name': '$société.nom',
      '$invoice.number': '$facture.numéro',
    });
  });

  it('has an example of each variable', () => {
    expect(list.filter(({ example }) => example === '')).toEqual([]);
    expect(list).toContainEqual(expect.objectContaining({ name: '$client.number', example: '0042' }));
  });

  it('names the mails whose text can have it, and no others', () => {
    for (const { name, frenchName, templates } of list) {
      expect(templates.length).toBeGreaterThan(0);
      for (const written of [name, frenchName])
        for (const key of templates)
          expect(checkText(key, { body: `[Open]($portal.link) ${written} here` })).toEqual([]);
    }
    const invoice = list.find(({ name }) => name === '$invoice.number');
    expect(invoice?.templates).not.toContain('invitation');
  });
});
