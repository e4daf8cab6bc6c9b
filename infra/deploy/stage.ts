import type { Stage } from '../stages.ts';
import type { Finding } from './finding.ts';

/** Whether a host or address is of the reserved domain that stands for yours in `infra/stages.ts`. */
export const isPlaceholder = (text: string) => /\.example$/i.test(text);

/** Checks what must be set in `infra/stages.ts` before a stage has users. No calls. */
export function checkStage({ name, allowedOrigins, pages, alarmEmail }: Stage): Finding[] {
  const advice = `Set it in infra/stages.ts, stage ${name}.`;
  const findings: Finding[] = [];
  const places = { allowedOrigins: [...allowedOrigins], 'pages.portal': [pages.portal], 'pages.staff': [pages.staff] };
  for (const [option, urls] of Object.entries(places))
    if (urls.some((url) => isPlaceholder(new URL(url).hostname)))
      findings.push({ level: 'warning', fact: `${option} still has a placeholder: ${urls.join(', ')}.`, advice });
  if (alarmEmail === undefined)
    findings.push({ level: 'warning', fact: 'Nobody gets the alarms: alarmEmail is not set.', advice });
  return findings;
}
