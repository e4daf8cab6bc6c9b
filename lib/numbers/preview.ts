import type { SettingsRepository } from '../settings/repository.ts';
import { invalid, Problem } from '../shared/errors.ts';
import { type CompanyId, generalGroupId } from '../shared/ids.ts';
import type { Source } from '../shared/source.ts';
import { faultsOf } from '../shared/validation.ts';
import { dayIn, groupCode, needsGroup, writeNumber } from './pattern.ts';
import { randomLetters } from './random.ts';
import { Numbering, type NumberPreview, type NumberPreviewInput, nextOn } from './schema.ts';

/** Numbers that a preview shows. */
const PREVIEWED = 3;

/** Previews the numbers of the next clients under a pattern. The counter stays where it is. */
export function numberPreview(settings: SettingsRepository, source: Source) {
  const random = randomLetters(source);
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
    const numbers = Array.from({ length: PREVIEWED }, (_, index) =>
      writeNumber(pattern, { counter: next + index, date, group: groupCode(groupName), random }),
    );
    return { numbers, taken: await settings.takenNumbers(companyId, numbers), clientNumber: wanted.data };
  };
}
