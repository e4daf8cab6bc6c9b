import { existsSync, readFileSync } from 'node:fs';

/** Whether this system tells what a process uses: Linux does. */
export const usageIsKnown = existsSync('/proc/self/stat');

/** Linux counts CPU time in hundredths of a second, whatever the machine. */
const MILLISECONDS_A_TICK = 10;

/** CPU time that the process has taken so far, user and system, all its threads, in milliseconds. 0 if it is unknown. */
export function cpuMilliseconds(pid: number | undefined): number {
  // The program's name, in parentheses, may hold anything; user and system time are the 12th and 13th field behind it.
  const fields = linuxFile(pid, 'stat')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * MILLISECONDS_A_TICK;
}

/** Resident memory of the process in megabytes (of 2²⁰ bytes). 0 if it is unknown. */
export function residentMegabytes(pid: number | undefined): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(linuxFile(pid, 'status')) ?? [];
  return Number(kilobytes ?? 0) / 1024;
}

/** A file about a process, or nothing when the process has ended or the system has no such files. */
function linuxFile(pid: number | undefined, name: 'stat' | 'status'): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}
