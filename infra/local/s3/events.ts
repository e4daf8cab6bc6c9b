import type { BucketModel } from '../assembly/s3.ts';
import type { Place } from '../assembly/template.ts';
import type { ServiceEvent } from '../events/event-bus.ts';
import { asObject, asString, asStrings, type JsonObject, parseJson } from '../shared/json.ts';
import type { Note } from './store.ts';

type Occasion = { detailType: string; detail: JsonObject; requestId: string };

/** Makes the event that S3 sends about a change; undefined when the bucket sends no events. */
export function eventNote(
  bucket: BucketModel,
  { detailType, detail, requestId }: Occasion,
  { place, now }: { place: Place; now(): Date },
): Note {
  return ({ key, size, etag, versionId, number, marker }) => {
    if (!bucket.sendsEvents) return undefined;
    const content = marker ? {} : { size, etag: etag.replaceAll('"', '') };
    const event: JsonObject = {
      source: 'aws.s3',
      detailType,
      resources: [bucket.arn],
      time: now().toISOString(),
      detail: {
        version: '0',
        bucket: { name: bucket.name },
        object: {
          key,
          ...content,
          'version-id': versionId,
          sequencer: number.toString(16).toUpperCase().padStart(18, '0'),
        },
        'request-id': requestId,
        requester: place.account,
        'source-ip-address': '127.0.0.1',
        ...detail,
      },
    };
    return JSON.stringify(event);
  };
}

export function readNote(note: string): ServiceEvent {
  const { source, detailType, resources, time, detail } = asObject(parseJson(note));
  return {
    source: asString(source) ?? '',
    detailType: asString(detailType) ?? '',
    resources: asStrings(resources),
    time: new Date(asString(time) ?? 0),
    detail: asObject(detail),
  };
}
