/** Wakes whoever waits. A notice that is given while nobody waits has no effect. */
export type Notice = {
  give(): void;
  /** Waits for the next notice, at most for so many milliseconds. */
  wait(millis?: number): Promise<void>;
};

export function createNotice(): Notice {
  const waiting = new Set<() => void>();
  return {
    give() {
      for (const end of [...waiting]) end();
    },
    wait: (millis) =>
      new Promise((resolve) => {
        const end = () => {
          clearTimeout(timer);
          waiting.delete(end);
          resolve();
        };
        const timer = millis === undefined ? undefined : setTimeout(end, millis);
        waiting.add(end);
      }),
  };
}
