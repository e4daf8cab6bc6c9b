import { cpuMilliseconds, residentMegabytes } from '../process-usage.ts';

/** The processes of a running stack. */
export interface Processes {
  host: number;
  engine: number | undefined;
}

/** CPU milliseconds of each process. */
export interface CpuTime {
  host: number;
  engine: number;
}

export function cpuTime({ host, engine }: Processes): CpuTime {
  return { host: cpuMilliseconds(host), engine: cpuMilliseconds(engine) };
}

export function cpuSpent(before: CpuTime, after: CpuTime): CpuTime {
  return { host: after.host - before.host, engine: after.engine - before.engine };
}

/** Resident megabytes of each process. */
export function memory({ host, engine }: Processes): { host: number; engine: number } {
  return { host: residentMegabytes(host), engine: residentMegabytes(engine) };
}

/** Looks at the memory of both processes together four times a second; tells the most that it has seen, in megabytes. */
export function watchMemory(processes: Processes): { peak(): number; stop(): void } {
  let peak = 0;
  const look = () => {
    const { host, engine } = memory(processes);
    peak = Math.max(peak, host + engine);
  };
  const timer = setInterval(look, 250);
  return {
    peak() {
      look();
      return peak;
    },
    stop: () => clearInterval(timer),
  };
}
