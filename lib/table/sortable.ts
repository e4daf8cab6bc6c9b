import { fold } from '../shared/text.ts';

/** Characters of a name or number that are compared. An index key can have 1024 bytes. */
const SORT_LENGTH = 200;

function sortable(text: string): string {
  return fold(text).slice(0, SORT_LENGTH).toWellFormed();
}

/** Text that sorts by the value of the numbers in it. Each number is its count of digits, then its digits. */
export function sortableByValue(text: string): string {
  return sortable(text).replace(/\d+/g, (digits) => {
    const value = digits.replace(/^0+/, '');
    return `${String(value.length).padStart(3, '0')}${value}`;
  });
}

/** A signed 64-bit integer as text that sorts by its value. */
export function sortableInteger(value: number): string {
  return (BigInt(value) + 2n ** 63n).toString().padStart(20, '0');
}
