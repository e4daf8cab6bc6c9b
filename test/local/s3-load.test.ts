import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { GetObjectCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterEach, expect, it } from 'vitest';
import { killChildren, startChild } from './s3-child.ts';
import { Bucket } from './s3-settings.ts';
import { type S3World, sha256, signUpload, startWorld, upload } from './s3-world.ts';

const megabyte = 1024 * 1024;
const worlds: S3World[] = [];
afterEach(async () => {
  killChildren();
  await Promise.all(worlds.splice(0).map((world) => world.stop()));
});

async function newWorld(folder?: string): Promise<S3World> {
  const world = await startWorld(folder === undefined ? {} : { folder });
  worlds.push(world);
  return world;
}

it('moves 100 MB up and down in a few megabytes of memory', async () => {
  const server = await startChild();
  const body = randomBytes(100 * megabyte);
  await upload(await signUpload(server, 'small', 'warm'), 'warm');
  const before = await server.memory();
  const { status } = await upload(await signUpload(server, 'large', body), body);
  expect(status).toBe(200);
  const url = await getSignedUrl(server.client(), new GetObjectCommand({ Bucket, Key: 'large' }));
  const response = await fetch(url);
  let bytes = 0;
  for await (const chunk of response.body ?? []) bytes += chunk.length;
  expect(bytes).toBe(body.length);
  expect((await server.memory()) - before).toBeLessThan(64 * megabyte);
});

it('takes fifty uploads at once, each with its own bytes, and tells of each once', async () => {
  const world = await newWorld();
  const bodies = Array.from({ length: 50 }, () => randomBytes(200_000));
  const locations = await Promise.all(bodies.map((body, index) => signUpload(world, `many/${index}`, body)));
  const answers = await Promise.all(
    locations.map((location, index) => upload(location, bodies[index] ?? new Uint8Array())),
  );
  expect(answers.map(({ status }) => status)).toEqual(bodies.map(() => 200));
  const read = async (_: unknown, index: number) => {
    const got = await world.client().send(new GetObjectCommand({ Bucket, Key: `many/${index}` }));
    return sha256((await got.Body?.transformToByteArray()) ?? '');
  };
  expect(await Promise.all(bodies.map(read))).toEqual(bodies.map((body) => sha256(body)));
  expect(world.events).toHaveLength(50);
});

it('gives a key that fifty want at once to one of them', async () => {
  const world = await newWorld();
  const location = await signUpload(world, 'one', 'the same');
  const answers = await Promise.all(Array.from({ length: 50 }, () => upload(location, 'the same')));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 49 }, () => 412)]);
  const { Versions } = await world.client().send(new ListObjectVersionsCommand({ Bucket }));
  expect(Versions).toHaveLength(1);
  expect(world.events).toHaveLength(1);
});

it('loses nothing that it acknowledged to kill -9, and keeps nothing of what it did not', async () => {
  const server = await startChild();
  const bodies = Array.from({ length: 40 }, (_, index) => `body ${index} ${'x'.repeat(index * 1000)}`);
  const acknowledged = new Set<number>();
  const large = randomBytes(20 * megabyte);
  const halfWay = await signUpload(server, 'half', large);
  const uploads = bodies.map(async (body, index) => {
    const { status } = await upload(await signUpload(server, `k/${index}`, body), body);
    if (status === 200) acknowledged.add(index);
    if (acknowledged.size === 20) server.kill();
  });
  // Its body never comes to an end.
  const endless = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start: (controller) => controller.enqueue(new Uint8Array(large.subarray(0, 5 * megabyte))),
  });
  const unfinished = fetch(halfWay.url, { method: 'PUT', headers: halfWay.headers, body: endless, duplex: 'half' });
  await Promise.allSettled([...uploads, unfinished]);
  await server.ended;
  expect(acknowledged.size).toBeGreaterThanOrEqual(20);

  const again = await newWorld(server.folder);
  for (const index of acknowledged) {
    const got = await again.client().send(new GetObjectCommand({ Bucket, Key: `k/${index}` }));
    expect(await got.Body?.transformToString()).toBe(bodies[index]);
  }
  const { Versions = [] } = await again.client().send(new ListObjectVersionsCommand({ Bucket }));
  expect(Versions.map(({ Key }) => Key)).not.toContain('half');
  const files = readdirSync(join(server.folder, 'objects'), { recursive: true, withFileTypes: true });
  expect(files.filter((file) => file.isFile())).toHaveLength(Versions.length);
  expect(readdirSync(join(server.folder, 'incoming'))).toEqual([]);
  // Each of them was told of, to the old process or now: nobody has to wait for an event that never comes.
  const told = new Set([...server.told(), ...again.events.map(({ detail }) => JSON.stringify(detail))].map(keyIn));
  for (const { Key } of Versions) expect(told).toContain(Key);
});

function keyIn(text: string): string | undefined {
  return /"key":"([^"]+)"/.exec(text)?.[1];
}
