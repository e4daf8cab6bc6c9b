/** The program that `s3-child.ts` runs: S3 over a folder, its events in a file beside it, its memory told when asked. */
import { appendFileSync } from 'node:fs';
import { startS3 } from '../../infra/local/s3/s3.ts';
import { all, buckets, place } from './s3-settings.ts';

const folder = process.argv[2] ?? '';
const publish = (event: object) => appendFileSync(`${folder}.events`, `${JSON.stringify(event)}\n`);
const { url } = await startS3({ folder, place, buckets, callers: [all], publish });
process.on('message', () => process.send?.(process.memoryUsage().rss));
process.send?.(url);
