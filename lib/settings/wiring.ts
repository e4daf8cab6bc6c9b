import { clientRepository } from '../clients/repository.ts';
import { dayIn } from '../numbers/pattern.ts';
import { numberPreview } from '../numbers/preview.ts';
import type { ServiceDeps } from '../table/service-deps.ts';
import { committing } from '../table/transaction.ts';
import { clientSettingsService } from './client-settings.ts';
import { settingsRepository } from './repository.ts';
import { settingsService } from './service.ts';
import { storedValues } from './stored-values.ts';

/** The services for the company's settings and the preview of client numbers. */
export function companySettingsServices({ table, source }: ServiceDeps) {
  const settings = settingsRepository(table);
  return {
    settings: settingsService({ settings, readStoredValues: storedValues(table), source, dayIn }),
    numbers: numberPreview(settings, source),
  };
}

/** The service for the settings of a client. */
export function clientSettingsServices({ table, source }: ServiceDeps) {
  return {
    settings: clientSettingsService({
      clients: clientRepository(table),
      settings: settingsRepository(table),
      commit: committing(table),
      source,
    }),
  };
}
