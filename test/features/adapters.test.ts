import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { StoredObject } from '../../server/features/objects/contract.ts';
import { anAdapter, aSafetensors, withHeader } from '../support/adapter-files.ts';
import { type Nexus, startNexus } from '../support/nexus.ts';
import { put, sha256Of } from '../support/object-domain.ts';

let server: Nexus;
let nexus: ReturnType<Nexus['as']>;
beforeAll(async () => {
  server = await startNexus();
  nexus = server.as(server.token);
});
afterAll(async () => server[Symbol.asyncDispose]());

async function uploaded(bytes: Uint8Array<ArrayBuffer>, file = 'adapter_model.safetensors') {
  const begun = await nexus.objects.begin.mutate({
    kind: 'model',
    name: `${randomUUID()}/${file}`,
    sizeBytes: bytes.length,
    sha256: sha256Of(bytes),
  });
  if (begun.upload?.method === 'put') await put(begun.upload.url, bytes, begun.upload.headers);
  return StoredObject.parse(await nexus.objects.complete.mutate({ id: begun.object.id }));
}
const config = (changes: object = {}) =>
  uploaded(
    new Uint8Array(
      Buffer.from(
        JSON.stringify({
          peft_type: 'LORA',
          r: 8,
          lora_alpha: 16,
          lora_dropout: 0.05,
          target_modules: ['q_proj', 'v_proj'],
          base_model_name_or_path: 'org/base-7b',
          note: randomUUID(),
          ...changes,
        }),
      ),
    ),
    'adapter_config.json',
  );
const weights = (targets = ['q_proj', 'v_proj'], rank = 8) => uploaded(anAdapter(targets, rank, randomUUID()));

async function aModule(changes: object = {}) {
  const topology = await nexus.topologies.create.mutate({ name: 't', architecture: 'transformer' });
  return nexus.modules.create.mutate({
    topologyId: topology.id,
    name: 'adapter',
    rank: 8,
    alpha: 16,
    targetModules: ['q_proj', 'v_proj'],
    baseModel: 'org/base-7b',
    ...changes,
  });
}

describe('what is in an object', () => {
  test('of safetensors is told by its header: tensors, dtypes, parameters, rank and target modules', async () => {
    const { id, contents } = await weights();
    expect(contents).toMatchObject({
      format: 'safetensors',
      tensorCount: 4,
      parameterCount: 256,
      dtypes: { F16: 256 },
      metadata: { format: 'pt' },
      adapter: { ranks: [8], targetModules: ['q_proj', 'v_proj'] },
    });
    const page = await nexus.objects.tensors.query({ id, limit: 3 });
    expect([page.tensorCount, page.tensors.length, page.nextOffset]).toEqual([4, 3, 3]);
    expect(page.tensors[0]).toMatchObject({ dtype: 'F16', shape: [8, 8], parameterCount: 64, sizeBytes: 128 });
    expect((await nexus.objects.tensors.query({ id, offset: 3 })).nextOffset).toBeNull();
    expect((await nexus.objects.get.query({ id })).contents).toEqual(contents);
  });

  test('of plain weights has no adapter', async () => {
    const { contents } = await uploaded(aSafetensors({ [randomUUID()]: { dtype: 'F32', shape: [2, 3] } }));
    expect(contents).toMatchObject({ parameterCount: 6, dtypes: { F32: 6 }, adapter: null });
  });

  test('of a PEFT config is told: rank, alpha, target modules, base model', async () => {
    expect((await config()).contents).toMatchObject({
      format: 'peft-adapter-config',
      rank: 8,
      alpha: 16,
      targetModules: ['q_proj', 'v_proj'],
      baseModel: 'org/base-7b',
    });
    expect((await config({ target_modules: '.*_proj' })).contents).toMatchObject({
      targetModules: null,
      targetPattern: '.*_proj',
    });
  });

  const entry = { dtype: 'F16', shape: [2], data_offsets: [0, 4] };
  test.each([
    [
      'a header longer than the file',
      () => new Uint8Array([255, 255, 0, 0, 0, 0, 0, 0, 123]),
      'more than the file has',
    ],
    ['a header of 2^63 bytes', () => new Uint8Array([0, 0, 0, 0, 0, 0, 0, 128, 1]), 'more than the file has'],
    ['fewer than 8 bytes', () => new Uint8Array([1, 2, 3]), 'fewer than 8 bytes'],
    ['a header that is not JSON', () => withHeader('{"a": ', 0), 'not JSON'],
    ['a header that is a list', () => withHeader('[]', 0), 'no object'],
    [
      'a tensor whose bytes do not fit its shape',
      () => withHeader(JSON.stringify({ a: { ...entry, shape: [3] } }), 4),
      '6 bytes',
    ],
    ['bytes that no tensor has', () => withHeader(JSON.stringify({ a: entry }), 5), 'has 5 after'],
    ['tensors that overlap', () => withHeader(JSON.stringify({ a: entry, b: entry }), 4), 'where 4 is next'],
    ['an unknown dtype', () => withHeader(JSON.stringify({ a: { ...entry, dtype: 'X9' } }), 4), 'unknown dtype'],
    ['a NUL in its metadata', () => withHeader(JSON.stringify({ __metadata__: { a: '\0' } }), 0), 'NUL'],
    [
      'a shape beyond all bounds',
      () => withHeader(JSON.stringify({ a: { ...entry, shape: Array(60).fill(2 ** 50) } }), 4),
      'bytes',
    ],
  ])('is refused with the reason for %s, and nothing is left', async (_what, bytes, reason) => {
    const error: unknown = await uploaded(bytes()).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ data: { reason: 'precondition_failed' } });
    expect(String(error)).toContain(reason);
  });

  test.each([
    ['no JSON', '{'],
    ['a rank that is none', '{"peft_type": "LORA", "r": "eight"}'],
    ['no type', '{"r": 8}'],
  ])('is refused for a config with %s', async (_what, text) => {
    const error: unknown = await uploaded(new Uint8Array(Buffer.from(text)), 'adapter_config.json').catch(
      (e: unknown) => e,
    );
    expect(error).toMatchObject({ data: { reason: 'precondition_failed' } });
  });
});

describe('an adapter', () => {
  test('becomes the module’s own, cannot be deleted under it, and goes with it', async () => {
    const module = await aModule();
    const [weightsObject, configObject] = [await weights(), await config()];
    const attach = { id: module.id, weightsObjectId: weightsObject.id, configObjectId: configObject.id };
    expect(await nexus.modules.attachAdapter.mutate(attach)).toMatchObject({
      weightsObjectId: weightsObject.id,
      configObjectId: configObject.id,
    });
    await expect(nexus.objects.delete.mutate({ id: weightsObject.id })).rejects.toMatchObject({
      data: { reason: 'conflict' },
    });
    const other = { ...attach, weightsObjectId: (await weights()).id };
    await nexus.modules.attachAdapter.mutate(other);
    await expect(nexus.objects.get.query({ id: weightsObject.id })).rejects.toMatchObject({
      data: { reason: 'not_found' },
    });
    await expect(nexus.modules.update.mutate({ id: module.id, rank: 16 })).rejects.toMatchObject({
      data: { reason: 'precondition_failed' },
    });
    const gone = await nexus.modules.delete.mutate({ id: module.id });
    expect(gone).toMatchObject({ objectCount: 2 });
    await expect(nexus.objects.get.query({ id: configObject.id })).rejects.toMatchObject({
      data: { reason: 'not_found' },
    });
  });

  test.each([
    ['rank in the weights', () => weights(['q_proj', 'v_proj'], 4), config, 'rank 4'],
    ['target modules in the weights', () => weights(['q_proj']), config, '"q_proj"'],
    ['rank in the config', weights, () => config({ r: 64 }), 'r 64'],
    ['alpha in the config', weights, () => config({ lora_alpha: 1 }), 'lora_alpha 1'],
    ['target modules in the config', weights, () => config({ target_modules: ['k_proj'] }), '"k_proj"'],
    ['base model', weights, () => config({ base_model_name_or_path: 'org/other' }), 'org/other'],
  ])('that contradicts its module’s %s is refused with the reason', async (_what, theWeights, theConfig, reason) => {
    const module = await aModule();
    const attach = { id: module.id, weightsObjectId: (await theWeights()).id, configObjectId: (await theConfig()).id };
    const error: unknown = await nexus.modules.attachAdapter.mutate(attach).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ data: { reason: 'precondition_failed' } });
    expect(String(error)).toContain(reason);
    expect(await nexus.modules.get.query({ id: module.id })).toMatchObject({ weightsObjectId: null });
  });

  test('that is registered as a model of a module which it contradicts is refused', async () => {
    const module = await aModule();
    const upload = async (objectId: string) =>
      nexus.models.upload.mutate({ name: randomUUID(), objectId, moduleId: module.id });
    expect(await upload((await weights()).id)).toMatchObject({ moduleId: module.id });
    await expect(upload((await weights(['o_proj'], 2)).id)).rejects.toMatchObject({
      data: { reason: 'precondition_failed' },
    });
  });

  test('is two files of the right kinds', async () => {
    const module = await aModule();
    const [weightsObject, configObject] = [await weights(), await config()];
    const swapped = { id: module.id, weightsObjectId: configObject.id, configObjectId: weightsObject.id };
    await expect(nexus.modules.attachAdapter.mutate(swapped)).rejects.toMatchObject({
      data: { reason: 'invalid_input' },
    });
  });
});
