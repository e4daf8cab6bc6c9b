import { beforeAll, describe, expect, it } from 'vitest';
import { groupRepository } from '../../lib/groups/repository.ts';
import { newGroup } from '../../lib/groups/schema.ts';
import { templatePreview } from '../../lib/mail/templates/preview.ts';
import { templateRepository } from '../../lib/mail/templates/repository.ts';
import { templateService } from '../../lib/mail/templates/service.ts';
import { trialTargets } from '../../lib/mail/templates/trial.ts';
import { type CompanyId, GroupId, generalGroupId, mintId } from '../../lib/shared/ids.ts';
import type { Table } from '../../lib/table/client.ts';
import { transact } from '../../lib/table/transaction.ts';
import { openCompany } from '../support/company.ts';
import { freshTable, testSource } from '../support/table.ts';

let table: Table;
beforeAll(async () => {
  ({ table } = await freshTable());
});

async function world() {
  const source = testSource();
  const { companyId } = await openCompany(table, source);
  const repository = templateRepository(table);
  const templates = templateService(repository, source);
  const groups = groupRepository(table);
  const at = source.now().toISOString();
  const group = newGroup({ id: mintId(GroupId, 'grp', source), name: 'Key', settings: {}, createdAt: at });
  await transact(table, groups.writesToCreate(companyId, group));
  const preview = templatePreview({
    templates: repository,
    ...trialTargets(repository),
    getContext: templates.getContext,
    source,
  });
  return { source, companyId, repository, templates, groups, group, preview };
}

type World = Awaited<ReturnType<typeof world>>;

const place = (language: string, groupId: GroupId | null = null) => ({ key: 'invoice' as const, language, groupId });

const write = ({ templates, companyId }: World, language: string, groupId: GroupId | null = null) =>
  templates.put(
    companyId,
    place(language, groupId),
    { subject: `${language} ${groupId ? 'group' : 'company'}`, body: 'B' },
    undefined,
  );

describe('the effective text of a mail', () => {
  it('is chosen by language first, then by level: group, company, built-in', async () => {
    const fixture = await world();
    const found = async (groupId: GroupId | null, ...languages: string[]) => {
      const text = await fixture.repository.getEffectiveText(fixture.companyId, { key: 'invoice', groupId, languages });
      return `${text.source} ${text.language}`;
    };
    const { id } = fixture.group;
    expect(await found(id, 'fr-CA', 'de')).toBe('built-in fr');
    expect(await found(id, 'nl', 'de')).toBe('built-in de');
    expect(await found(id, 'nl', 'pt')).toBe('built-in en');
    await write(fixture, 'fr');
    expect(await found(id, 'fr-CA')).toBe('company fr');
    await write(fixture, 'fr-CA');
    await write(fixture, 'fr', id);
    expect(await found(id, 'fr-CA')).toBe('company fr-CA');
    expect(await found(id, 'fr-BE')).toBe('group fr');
    expect(await found(generalGroupId(fixture.companyId), 'fr-BE')).toBe('company fr');
    await write(fixture, 'nl');
    expect(await found(id, 'pt', 'nl')).toBe('company nl');
    expect(await found(id, 'en')).toBe('built-in en');
  });

  it('is not affected by another company, and its groups do not exist for it', async () => {
    const [mine, theirs] = [await world(), await world()];
    await write(theirs, 'en');
    expect((await mine.templates.read(mine.companyId, place('en'))).template.source).toBe('built-in');
    const foreign = place('en', theirs.group.id);
    await expect(mine.templates.read(mine.companyId, foreign)).rejects.toMatchObject({ code: 'not-found' });
    await expect(write(mine, 'en', theirs.group.id)).rejects.toMatchObject({ code: 'not-found' });
    await expect(mine.templates.list(mine.companyId, theirs.group.id, 5, undefined)).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  it('is in the company’s language if there is none in the requested one', async () => {
    const fixture = await world();
    await write(fixture, 'nl');
    const { settings } = await fixture.repository.getContext(fixture.companyId, { ...place('nl'), languages: [] });
    expect(settings.settings.language).toBe('en');
    expect((await fixture.templates.read(fixture.companyId, place('pt'))).template.textLanguage).toBe('en');
  });
});

describe('a saved text', () => {
  it('is created, replaced and removed under an optimistic lock', async () => {
    const fixture = await world();
    const { templates, companyId } = fixture;
    const before = await templates.read(companyId, place('en'));
    expect(before.template).toMatchObject({ source: 'built-in', version: 0, updatedAt: null });
    const text = { subject: 'S', body: 'B' };
    await expect(templates.put(companyId, place('en'), text, [1])).rejects.toMatchObject({ code: 'stale-version' });
    const made = await templates.put(companyId, place('en'), text, [before.tag]);
    expect([made.created, made.tag, made.template.source]).toEqual([true, 1, 'company']);
    const changed = await templates.put(companyId, place('en'), { ...text, subject: 'T' }, [1]);
    expect([changed.created, changed.tag]).toEqual([false, 2]);
    expect(await templates.read(companyId, place('en'))).toMatchObject({ tag: 2, template: { subject: 'T' } });
    await expect(templates.delete(companyId, place('en'), [1])).rejects.toMatchObject({ code: 'stale-version' });
    await templates.delete(companyId, place('en'), [2]);
    expect((await templates.read(companyId, place('en'))).template.source).toBe('built-in');
    await expect(templates.delete(companyId, place('en'), undefined)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('inherited from another level has a new entity tag whenever the text changes', async () => {
    const fixture = await world();
    const inGroup = place('en', fixture.group.id);
    const tags = [(await fixture.templates.read(fixture.companyId, inGroup)).tag];
    await write(fixture, 'en');
    tags.push((await fixture.templates.read(fixture.companyId, inGroup)).tag);
    await fixture.templates.put(fixture.companyId, place('en'), { subject: 'Another', body: 'B' }, undefined);
    tags.push((await fixture.templates.read(fixture.companyId, inGroup)).tag);
    await write(fixture, 'en', fixture.group.id);
    tags.push((await fixture.templates.read(fixture.companyId, inGroup)).tag);
    expect(new Set(tags).size).toBe(4);
  });

  it('is written by all concurrent requests without If-Match', async () => {
    const fixture = await world();
    const all = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        fixture.templates.put(fixture.companyId, place('en'), { subject: `S ${index}`, body: 'B' }, undefined),
      ),
    );
    expect(all.map(({ template }) => template.version).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(all.filter(({ created }) => created)).toHaveLength(1);
  });

  it('of a group that is being deleted has no effect and cannot be written', async () => {
    const fixture = await world();
    const { companyId, group, groups, templates } = fixture;
    await write(fixture, 'en', group.id);
    await write(fixture, 'en', generalGroupId(companyId));
    const deleting = { ...group, status: 'deleting' as const, deletion: { moved: 0, remaining: 1 }, version: 2 };
    await groups.replace(companyId, deleting, 1);
    expect((await templates.read(companyId, place('en', group.id))).template.source).toBe('group');
    await expect(write(fixture, 'en', group.id)).rejects.toMatchObject({ code: 'group-deleting' });
    const { group: counting } = await fixture.repository.getContext(companyId, {
      ...place('en', group.id),
      languages: ['en'],
    });
    expect(counting?.id).toBe(generalGroupId(companyId));
  });
});

describe('the list', () => {
  const all = async ({ templates, companyId }: World, groupId: GroupId | null, limit: number) => {
    const rows: string[] = [];
    let after: { key: string; language: string } | undefined;
    do {
      const page = await templates.list(companyId, groupId, limit, after);
      rows.push(...page.data.map(({ key, language, source }) => `${key} ${language} ${source}`));
      if (page.next) expect(page.data).toHaveLength(limit);
      after = page.next;
    } while (after);
    return rows;
  };

  it('contains each effective text once, for every page size', async () => {
    const fixture = await world();
    await write(fixture, 'fr');
    await write(fixture, 'nl');
    await write(fixture, 'fr', fixture.group.id);
    await write(fixture, 'fr-CA', fixture.group.id);
    const [company, group] = [await all(fixture, null, 200), await all(fixture, fixture.group.id, 200)];
    expect(company).toHaveLength(53);
    expect(group).toHaveLength(54);
    expect(company.filter((row) => !row.endsWith('built-in'))).toEqual(['invoice fr company', 'invoice nl company']);
    expect(group.filter((row) => !row.endsWith('built-in'))).toEqual([
      'invoice fr group',
      'invoice fr-CA group',
      'invoice nl company',
    ]);
    for (const limit of [1, 7, 45]) expect(await all(fixture, fixture.group.id, limit)).toEqual(group);
  });
});

describe('the preview', () => {
  it('reports every fault of the given text', async () => {
    const { preview, companyId } = await world();
    const trial = { subject: '$x', body: '$y', contactId: undefined };
    const faults = await preview(companyId, place('en'), trial).catch(({ errors }) => errors);
    expect(faults.map(({ pointer }: { pointer: string }) => pointer)).toEqual(['/subject', '/body']);
  });

  it('renders the saved text with the company’s name and sample data', async () => {
    const fixture = await world();
    await write(fixture, 'de');
    const mail = await fixture.preview(fixture.companyId satisfies CompanyId, place('de'), {
      body: '$client.name $company.name',
    });
    expect(mail).toMatchObject({ subject: 'de company', text: 'Harbour Bakery A company\n' });
  });
});
