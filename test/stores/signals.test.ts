import { pino } from 'pino';
import { expect, test } from 'vitest';
import { type Broadcast, openSignals } from '../../server/stores/signals.ts';

const log = pino({ level: 'silent' });

/** Two servers on one channel, whose news pass when the test says so. */
function aChannel() {
  const receivers: ((topic: string | undefined) => void)[] = [];
  const sent: string[][] = [];
  const broadcast: Broadcast = {
    async send(topics) {
      sent.push([...topics]);
    },
    async listen(receive) {
      receivers.push(receive);
    },
  };
  const deliver = (topic: string | undefined) => {
    for (const receive of receivers) receive(topic);
  };
  return { broadcast, sent, deliver };
}

test('a signal wakes the listeners of its topic here at once, and no others', async () => {
  const { broadcast } = aChannel();
  const signals = await openSignals(broadcast, log);
  const woken: string[] = [];
  const stop = signals.subscribe('run:1', () => woken.push('run:1'));
  signals.subscribe('run:2', () => woken.push('run:2'));
  signals.send('run:1');
  stop();
  signals.send('run:1');
  expect(woken).toEqual(['run:1']);
});

test('what another server sent wakes, and a gap wakes everybody', async () => {
  const { broadcast, deliver } = aChannel();
  const signals = await openSignals(broadcast, log);
  const woken: string[] = [];
  signals.subscribe('run:1', () => woken.push('run:1'));
  signals.subscribe('outbox', () => woken.push('outbox'));
  deliver('outbox');
  deliver(undefined);
  expect(woken).toEqual(['outbox', 'run:1', 'outbox']);
});

test('many signals of a moment travel once', async () => {
  const { broadcast, sent } = aChannel();
  const signals = await openSignals(broadcast, log);
  for (let n = 0; n < 100; n += 1) signals.send('run:1');
  signals.send('outbox');
  await expect.poll(() => sent).toEqual([['run:1', 'outbox']]);
});

test('a loop that armed itself before it read misses nothing that came while it read', async () => {
  const { broadcast } = aChannel();
  const signals = await openSignals(broadcast, log);
  using news = signals.arm('run:1');
  signals.send('run:1');
  await news.next(60_000);
  const stopping = new AbortController();
  const waiting = news.next(60_000, stopping.signal);
  stopping.abort();
  await waiting;
});
