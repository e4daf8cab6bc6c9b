import { Numbering, type NumberPreview, type NumberPreviewInput, nextOn } from '../numbers/schema.ts';
import { invalid, Problem } from '../shared/errors.ts';
import { type CompanyId, generalGroupId } from '../shared/ids.ts';
import type { Source } from '../shared/source.ts';
import { faultsOf } from '../shared/validation.ts';
import type { SettingsRepository } from './repository.ts';

interface PreviewDeps {
  settings: SettingsRepository;
  source: Source;
  dayIn: (timezone: string, now: Date) => { year: string; month: string; day: string };
  needsGroup: (pattern: string) => boolean;
  /** The number that a pattern gives. */
  write: (
    pattern: string,
    parts: { counter: number; date: { year: string; month: string; day: string }; groupName: string },
  ) => string;
}

const SHOWN = 3;

/** What the next clients would be numbered under a pattern, without counting on. */
export function numberPreview({ settings, source, dayIn, needsGroup, write }: PreviewDeps) {
  /**
   * The next three numbers. Two calls, one more where the pattern shows the group.
   * @throws Problem `validation` with the pattern's fault
   */
  return async (companyId: CompanyId, { clientNumber, groupId }: NumberPreviewInput): Promise<NumberPreview> => {
    const { stored, numbering } = await settings.read(companyId);
    const date = dayIn(stored.settings.timezone, source.now());
    const { pattern, reset } = { ...numbering, ...clientNumber };
    const next = clientNumber.next ?? nextOn(numbering, date);
    const wanted = Numbering.safeParse({ pattern, reset, next });
    if (!wanted.success)
      throw new Problem('validation', {
        errors: faultsOf(wanted.error.issues, 'body').map((fault) => ({
          ...fault,
          pointer: `/clientNumber${fault.pointer}`,
        })),
      });
    const groupName = needsGroup(pattern)
      ? await settings.groupName(companyId, groupId ?? generalGroupId(companyId))
      : '';
    if (groupName === undefined)
      throw invalid({ pointer: '/groupId', code: 'not-found', detail: 'There is no such group.' });
    const numbers = Array.from({ length: SHOWN }, (_, index) =>
      write(pattern, { counter: next + index, date, groupName }),
    );
    return { numbers, taken: await settings.takenNumbers(companyId, numbers), clientNumber: wanted.data };
  };
}
