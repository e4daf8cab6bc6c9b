import * as z from 'zod';
import type { SettingsRepository } from '../settings/repository.ts';
import { invalid } from '../shared/errors.ts';
import { type CompanyId, generalGroupId } from '../shared/ids.ts';
import type { Source } from '../shared/source.ts';
import { validated } from '../shared/validation.ts';
import { dayIn, groupCode, needsGroup, writeNumber } from './pattern.ts';
import { randomLetters } from './random.ts';
import { Numbering, type NumberPreview, type NumberPreviewInput, nextOn } from './schema.ts';

const WithNumbering = z.object({ clientNumber: Numbering });

/** Numbers in a preview. */
const PREVIEW_SIZE = 3;

/** Previews the numbers of the next clients. The counter does not change. */
export function numberPreview(settings: SettingsRepository, source: Source) {
  const random = randomLetters(source);
  /**
   * The next three numbers. Two calls, one more if the pattern contains the group.
   * @throws Problem `validation` with the fault of the pattern
   */
  return async (companyId: CompanyId, { clientNumber, groupId }: NumberPreviewInput): Promise<NumberPreview> => {
    const { stored, numbering } = await settings.read(companyId);
    const date = dayIn(stored.settings.timezone, source.now());
    const { pattern, reset } = { ...numbering, ...clientNumber };
    const next = clientNumber.next ?? nextOn(numbering, date);
    const numbered = validated(WithNumbering, { clientNumber: { pattern, reset, next } });
    const groupName = needsGroup(pattern)
      ? await settings.groupName(companyId, groupId ?? generalGroupId(companyId))
      : '';
    if (groupName === undefined)
      throw invalid({ pointer: '/groupId', code: 'not-found', detail: 'There is no such group.' });
    const numbers = Array.from({ length: PREVIEW_SIZE }, (_, index) =>
      writeNumber(pattern, { counter: next + index, date, group: groupCode(groupName), random }),
    );
    return { numbers, taken: await settings.takenNumbers(companyId, numbers), ...numbered };
  };
}
