import { expect, it } from 'vitest';
import { endOfDay, startOfDay } from '../../lib/shared/time-zone.ts';

it.each([
  ['2026-01-31', 'UTC', '2026-01-31T00:00:00.000Z'],
  ['2026-01-31', 'Europe/Berlin', '2026-01-30T23:00:00.000Z'],
  ['2026-07-31', 'Europe/Berlin', '2026-07-30T22:00:00.000Z'],
  ['2026-03-29', 'Europe/Berlin', '2026-03-28T23:00:00.000Z'],
  ['2026-10-25', 'Europe/Berlin', '2026-10-24T22:00:00.000Z'],
  ['2026-01-31', 'Pacific/Kiritimati', '2026-01-30T10:00:00.000Z'],
  ['2026-01-31', 'Pacific/Pago_Pago', '2026-01-31T11:00:00.000Z'],
  ['2026-01-31', 'Asia/Kathmandu', '2026-01-30T18:15:00.000Z'],
  // Midnight does not exist: clocks go from 23:59 to 01:00.
  ['2018-11-04', 'America/Sao_Paulo', '2018-11-04T03:00:00.000Z'],
  // Midnight comes twice: the day begins with the first.
  ['2022-11-06', 'America/Havana', '2022-11-06T04:00:00.000Z'],
])('%s in %s begins at %s', (date, zone, expected) => {
  expect(startOfDay(date, zone)).toBe(expected);
});

it.each([
  ['2026-01-31', 'UTC', '2026-01-31T23:59:59.999Z'],
  ['2026-03-29', 'Europe/Berlin', '2026-03-29T21:59:59.999Z'],
  ['2026-10-25', 'Europe/Berlin', '2026-10-25T22:59:59.999Z'],
  ['2018-11-03', 'America/Sao_Paulo', '2018-11-04T02:59:59.999Z'],
  ['9999-12-31', 'Pacific/Pago_Pago', '+010000-01-01T10:59:59.999Z'],
])('%s in %s ends at %s', (date, zone, expected) => {
  expect(endOfDay(date, zone)).toBe(expected);
});
