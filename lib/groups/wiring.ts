import type { ServiceDeps } from '../table/service-deps.ts';
import { groupRepository } from './repository.ts';
import { groupService } from './service.ts';

/** The service for groups, and their repository. */
export function groupServices({ table, source }: ServiceDeps) {
  const repository = groupRepository(table);
  return { repository, groups: groupService(repository, source) };
}
