import * as z from 'zod';
import type { SettingsRepository } from '../settings/repository.ts';
import { type InputFault, invalid } from '../shared/errors.ts';
import { type CompanyId, generalGroupId } from '../shared/ids.ts';
import type { Source } from '../shared/source.ts';
import { faultsIn } from '../shared/validation.ts';
import { dayIn, groupCode, needsGroup, writeNumber } from './pattern.ts';
import { randomLetters } from './random.ts';
import {
  Numbering,
  type NumberPreview,
  type NumberPreviewInput,
  nextOn,
  numberingNames,
  RecordNumbering,
} from './schema.ts';

/** Numbers in a preview. */
const PREVIEW_SIZE = 3;

/** Previews the numbers of the next records. The counter does not change. */
export function numberPreview(settings: SettingsRepository, source: Source) {
  const random = randomLetters(source);

  /** The numbering to preview, the name of the group if the pattern has it, and what is wrong with both. */
  async function readAndCheck(companyId: CompanyId, { groupId, ...changes }: Partial<NumberPreviewInput>) {
    const name = numberingNames.find((one) => changes[one]) ?? 'clientNumber';
    const { stored, numberings } = await settings.read(companyId);
    const date = dayIn(stored.settings.timezone, source.now());
    const { pattern, reset } = { ...numberings[name], ...changes[name] };
    const next = changes[name]?.next ?? nextOn(numberings[name], date);
    const numbering: Numbering = { pattern, reset, next };
    const schema = name === 'clientNumber' ? Numbering : RecordNumbering;
    const groupName = needsGroup(pattern)
      ? await settings.groupName(companyId, groupId ?? generalGroupId(companyId))
      : '';
    const faults = [
      ...faultsIn(z.object({ [name]: schema }), { [name]: numbering }),
      ...(groupName === undefined ? [NO_SUCH_GROUP] : []),
    ];
    return { name, date, numbering, groupName: groupName ?? '', faults };
  }

  return {
    /**
     * The next three numbers. Two calls, one more if the pattern contains the group.
     * @throws Problem `validation` with the faults of the pattern and the group
     */
    async preview(companyId: CompanyId, input: NumberPreviewInput): Promise<NumberPreview> {
      const { name, date, numbering, groupName, faults } = await readAndCheck(companyId, input);
      if (faults.length > 0) throw invalid(...faults);
      const { pattern, next } = numbering;
      const numbers = Array.from({ length: PREVIEW_SIZE }, (_, index) =>
        writeNumber(pattern, { counter: next + index, date, group: groupCode(groupName), random }),
      );
      return { numbers, taken: await settings.takenNumbers(companyId, name, numbers), numbering };
    },

    /** What `preview` would refuse about the right fields of a partly wrong input. Two calls at most. */
    faultsOfPreview: async (companyId: CompanyId, input: Partial<NumberPreviewInput>): Promise<InputFault[]> =>
      (await readAndCheck(companyId, input)).faults,
  };
}

const NO_SUCH_GROUP: InputFault = { pointer: '/groupId', code: 'not-found', detail: 'There is no such group.' };
