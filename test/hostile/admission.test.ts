import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Holder, openAdmission, type Release } from '../../server/http/admission.ts';

const holder = (credential: number, workspace = credential): Holder => ({
  credential: `token ${credential}`,
  workspace: `workspace ${workspace}`,
});

test('one credential has at most half of the places, and one workspace three quarters', () => {
  const places = openAdmission({ maxRequests: 8, maxWaiting: 0 }, 'requests');
  const taken = (who: Holder) => {
    let count = 0;
    while (places.tryAcquire(who)) count += 1;
    return count;
  };
  expect([taken(holder(1, 1)), taken(holder(2, 1)), taken(holder(3, 2)), taken(holder(4, 3))]).toEqual([4, 2, 2, 0]);
});

test('those that wait are let in by turns, one of each credential', async () => {
  const places = openAdmission({ maxRequests: 2, maxWaiting: 20 }, 'requests');
  const held = [places.tryAcquire(holder(8)), places.tryAcquire(holder(9))];
  const order: number[] = [];
  const waiting = [1, 1, 1, 2, 3].map(async (who) => {
    const release = await places.acquire(holder(who));
    order.push(who);
    release();
  });
  for (const release of held) release?.();
  await Promise.all(waiting);
  expect(order.slice(0, 3).sort()).toEqual([1, 2, 3]);
});

test('whatever comes and goes, no place is lost, none is given twice, and nobody has more than a share', async () => {
  const step = fc.record({ who: fc.integer({ min: 1, max: 4 }), isRelease: fc.boolean(), at: fc.nat() });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 9 }), fc.array(step, { maxLength: 80 }), async (most, steps) => {
      const places = openAdmission({ maxRequests: most, maxWaiting: 100 }, 'requests');
      const held: { who: number; release: Release }[] = [];
      const waiting: Promise<void>[] = [];
      for (const { who, isRelease, at } of steps) {
        if (isRelease) held.splice(at % Math.max(1, held.length), 1)[0]?.release();
        else
          waiting.push(
            places.acquire(holder(who)).then(
              (release) => void held.push({ who, release }),
              () => undefined,
            ),
          );
        await Promise.resolve();
        await Promise.resolve();
        expect(held.length).toBeLessThanOrEqual(most);
        for (const one of [1, 2, 3, 4]) {
          expect(held.filter(({ who: own }) => own === one).length).toBeLessThanOrEqual(Math.ceil(most / 2));
        }
      }
      for (let turn = 0; turn < 200 && held.length > 0; turn += 1) {
        held.pop()?.release();
        await Promise.resolve();
        await Promise.resolve();
      }
      await Promise.all(waiting);
      let free = 0;
      for (const one of [1, 2, 3, 4]) while (places.tryAcquire(holder(one))) free += 1;
      expect(free + held.length).toBe(most);
    }),
    { numRuns: 100 },
  );
});
