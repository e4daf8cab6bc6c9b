import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { all, Bucket, blind, reader } from './s3-settings.ts';
import { type S3World, sha256, startWorld } from './s3-world.ts';

let world: S3World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

let number = 0;
const newKey = () => `co_1/cli_1/doc_${++number}`;
const body = 'the document';
const evil = 'the D0cument';
const put = (Key: string, Body: string, more = {}) =>
  world.client().send(new PutObjectCommand({ Bucket, Key, Body, ChecksumAlgorithm: 'SHA256', ...more }));
const read = async (Key: string, more = {}) =>
  (await world.client().send(new GetObjectCommand({ Bucket, Key, ...more }))).Body?.transformToString();
const isThere = (Key: string) =>
  world
    .client()
    .send(new HeadObjectCommand({ Bucket, Key }))
    .then(
      () => true,
      () => false,
    );

describe('a call of the SDK', () => {
  it.each([
    ['text', 'hello'],
    ['nothing', ''],
  ])('puts and gets %s', async (_what, text) => {
    const key = newKey();
    const { ETag } = await put(key, text, { ContentType: 'text/plain', Metadata: { owner: 'u1' } });
    const got = await world.client().send(new GetObjectCommand({ Bucket, Key: key }));
    expect(await got.Body?.transformToString()).toBe(text);
    expect(got).toMatchObject({
      ETag,
      ContentType: 'text/plain',
      Metadata: { owner: 'u1' },
      ContentLength: text.length,
    });
  });

  it('needs no settings of the client but the environment', async () => {
    const before = { ...process.env };
    Object.assign(process.env, {
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: all.accessKey,
      AWS_SECRET_ACCESS_KEY: all.secretKey,
      AWS_ENDPOINT_URL_S3: world.url,
    });
    const client = new S3Client({});
    const Key = newKey();
    const { VersionId } = await put(Key, body);
    const object = { Bucket, Key, VersionId };
    expect(await client.send(new HeadObjectCommand({ ...object, ChecksumMode: 'ENABLED' }))).toMatchObject({
      ContentLength: body.length,
      ChecksumSHA256: sha256(body),
    });
    const got = await client.send(new GetObjectCommand(object));
    expect(await got.Body?.transformToString()).toBe(body);
    const { Versions } = await client.send(new ListObjectVersionsCommand({ Bucket, Prefix: Key }));
    expect(Versions).toMatchObject([{ Key, VersionId, IsLatest: true }]);
    await client.send(new DeleteObjectCommand(object));
    expect(await isThere(Key)).toBe(false);
    process.env = before;
  });

  it('is refused with a checksum that is not that of the body', async () => {
    const key = newKey();
    await expect(put(key, body, { ChecksumSHA256: sha256(evil) })).rejects.toMatchObject({ name: 'BadDigest' });
    expect(await isThere(key)).toBe(false);
  });

  it('shows the checksum only when asked', async () => {
    const key = newKey();
    await put(key, body, { ChecksumSHA256: sha256(body) });
    const head = (ChecksumMode?: 'ENABLED') =>
      world
        .client(all, { responseChecksumValidation: 'WHEN_REQUIRED' })
        .send(new HeadObjectCommand({ Bucket, Key: key, ...(ChecksumMode && { ChecksumMode }) }));
    expect((await head('ENABLED')).ChecksumSHA256).toBe(sha256(body));
    expect((await head()).ChecksumSHA256).toBeUndefined();
  });

  it.each([
    ['bytes=4-6', 'doc', 'bytes 4-6/12'],
    ['bytes=-4', 'ment', 'bytes 8-11/12'],
    ['bytes=8-', 'ment', 'bytes 8-11/12'],
    ['bytes=8-99', 'ment', 'bytes 8-11/12'],
  ])('gets the range %s', async (Range, text, ContentRange) => {
    const key = newKey();
    await put(key, body);
    const got = await world.client().send(new GetObjectCommand({ Bucket, Key: key, Range }));
    expect([await got.Body?.transformToString(), got.ContentRange, got.$metadata.httpStatusCode]).toEqual([
      text,
      ContentRange,
      206,
    ]);
  });

  it('is refused a range behind the end', async () => {
    const key = newKey();
    await put(key, body);
    await expect(read(key, { Range: 'bytes=12-' })).rejects.toMatchObject({ name: 'InvalidRange' });
  });

  it('is told by entity tags what it has', async () => {
    const key = newKey();
    const { ETag } = await put(key, body);
    await expect(read(key, { IfNoneMatch: ETag })).rejects.toMatchObject({ $metadata: { httpStatusCode: 304 } });
    await expect(read(key, { IfMatch: '"other"' })).rejects.toMatchObject({ name: 'PreconditionFailed' });
    expect(await read(key, { IfMatch: ETag })).toBe(body);
  });

  it.each(['données/Årsrapport 2024 (1)+final & co!.pdf', '../../../etc/passwd', "a'b*c%20d", 'x/./y//z'])(
    'may use the key %s',
    async (key) => {
      await put(key, key);
      expect(await read(key)).toBe(key);
      const url = await getSignedUrl(world.client(), new GetObjectCommand({ Bucket, Key: key }));
      const response = await fetch(url);
      // A browser resolves dots before it sends the address, which is then another one.
      if (!/\.\.?\//.test(key)) expect([response.status, await response.text()]).toEqual([200, key]);
      else expect(response.status).toBe(403);
    },
  );

  it('of another clock is refused', async () => {
    const own = await startWorld();
    own.clock.now = new Date(Date.now() - 16 * 60_000);
    const refused = own.client(all, { maxAttempts: 1 }).send(new GetObjectCommand({ Bucket, Key: 'x' }));
    await expect(refused).rejects.toMatchObject({ name: 'RequestTimeTooSkewed' });
    await own.stop();
  });

  it('with the wrong secret, or a key that nobody has, is refused', async () => {
    const get = (credentials: object) =>
      world.client(all, { credentials }).send(new GetObjectCommand({ Bucket, Key: 'x' }));
    await expect(get({ accessKeyId: all.accessKey, secretAccessKey: 'wrong' })).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
    });
    await expect(get({ accessKeyId: 'AKIANOBODY', secretAccessKey: 'x' })).rejects.toMatchObject({
      name: 'InvalidAccessKeyId',
    });
  });

  it('is told that an object is missing only if it may list', async () => {
    const get = (who: typeof reader) => world.client(who).send(new GetObjectCommand({ Bucket, Key: 'own/missing' }));
    await expect(get(reader)).rejects.toMatchObject({ name: 'NoSuchKey' });
    await expect(get(blind)).rejects.toMatchObject({ name: 'AccessDenied' });
  });
});

describe('versions', () => {
  it('stay until they are deleted themselves', async () => {
    const Key = newKey();
    const [one, two] = [await put(Key, 'one'), await put(Key, 'two')];
    expect([await read(Key), await read(Key, { VersionId: one.VersionId })]).toEqual(['two', 'one']);
    const marker = await world.client().send(new DeleteObjectCommand({ Bucket, Key }));
    expect(marker.DeleteMarker).toBe(true);
    await expect(read(Key)).rejects.toMatchObject({ name: 'NoSuchKey' });
    expect(await read(Key, { VersionId: two.VersionId })).toBe('two');

    const listed = await world.client().send(new ListObjectVersionsCommand({ Bucket, Prefix: Key }));
    expect(listed.Versions?.map(({ VersionId, IsLatest }) => [VersionId, IsLatest])).toEqual([
      [two.VersionId, false],
      [one.VersionId, false],
    ]);
    expect(listed.DeleteMarkers).toMatchObject([{ VersionId: marker.VersionId, IsLatest: true }]);

    for (const { VersionId } of [...(listed.Versions ?? []), ...(listed.DeleteMarkers ?? [])])
      await world.client().send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
    const after = await world.client().send(new ListObjectVersionsCommand({ Bucket, Prefix: Key }));
    expect([after.Versions, after.DeleteMarkers]).toEqual([undefined, undefined]);
    await expect(read(Key, { VersionId: one.VersionId })).rejects.toMatchObject({ name: 'NoSuchVersion' });
  });

  it('are listed page by page, none twice and none left out', async () => {
    const Prefix = `${newKey()}/`;
    for (let index = 0; index < 7; index++) await put(`${Prefix}${index % 3}`, String(index));
    const seen: string[] = [];
    let position: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {};
    while (position) {
      const page: Awaited<ReturnType<typeof versionPage>> = await versionPage(Prefix, position);
      seen.push(...(page.Versions ?? []).map(({ Key, VersionId }) => `${Key} ${VersionId}`));
      const { NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = page;
      position = KeyMarker && VersionIdMarker ? { KeyMarker, VersionIdMarker } : undefined;
    }
    expect([seen.length, new Set(seen).size]).toEqual([7, 7]);
    expect(seen.map((one) => one.split(' ')[0])).toEqual(seen.map((one) => one.split(' ')[0]).sort());
  });
  const versionPage = (Prefix: string, position: object) =>
    world.client().send(new ListObjectVersionsCommand({ Bucket, Prefix, MaxKeys: 2, ...position }));

  it('need a permission of their own to be deleted', async () => {
    const { VersionId } = await put('own/b', 'x');
    const remove = world.client(blind).send(new DeleteObjectCommand({ Bucket, Key: 'own/b', VersionId }));
    await expect(remove).rejects.toMatchObject({ name: 'AccessDenied' });
    expect(await read('own/b')).toBe('x');
  });
});

describe('events', () => {
  it('tell of what was created and deleted, as S3 tells EventBridge', async () => {
    const own = await startWorld();
    const Key = 'co_1/cli 1/ü';
    const { VersionId, ETag } = await own
      .client()
      .send(new PutObjectCommand({ Bucket, Key, Body: body, ChecksumAlgorithm: 'SHA256' }));
    await own.client().send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
    await own.client().send(new DeleteObjectCommand({ Bucket, Key }));
    const object = { key: Key, 'version-id': VersionId, sequencer: expect.stringMatching(/^[0-9A-F]{18}$/) };
    expect(own.events).toMatchObject([
      {
        source: 'aws.s3',
        detailType: 'Object Created',
        resources: ['arn:aws:s3:::documents'],
        detail: {
          bucket: { name: Bucket },
          object: { ...object, size: 12, etag: ETag?.replaceAll('"', '') },
          reason: 'PutObject',
        },
      },
      { detailType: 'Object Deleted', detail: { object, 'deletion-type': 'Permanently Deleted' } },
      { detailType: 'Object Deleted', detail: { object: { key: Key }, 'deletion-type': 'Delete Marker Created' } },
    ]);
    await own.stop();
  });

  it('wait with the object for a bus that cannot take them', async () => {
    let broken = true;
    const taken: string[] = [];
    const publish = ({ detail }: { detail: object }) => {
      if (broken) throw new Error('no');
      taken.push(JSON.stringify(detail));
    };
    const own = await startWorld({ publish });
    await own.client().send(new PutObjectCommand({ Bucket, Key: 'a', Body: body, ChecksumAlgorithm: 'SHA256' }));
    await own.stop();
    expect(taken).toEqual([]);
    broken = false;
    const again = await startWorld({ publish, folder: own.folder });
    expect(taken).toEqual([expect.stringContaining('"key":"a"')]);
    await again.stop();
  });
});
