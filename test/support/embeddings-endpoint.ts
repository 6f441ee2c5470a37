import { createServer } from 'node:http';
import { z } from 'zod';

const Asked = z.object({ model: z.string(), input: z.array(z.string()) });

/**
 * An endpoint that speaks OpenAI's `/v1/embeddings`. A text's vector points along the axis that its letters sum up to; texts
 * that begin alike lie near each other. The first `failures` requests answer 503, all of them `refusing.status` where it is
 * set, and 400 those with a text that has the word `refused`; none is answered while `refusing.isSilent`.
 * A text with the word `zeros` has a vector of them.
 */
export async function startEmbeddingsEndpoint({ dimensions = 384, failures = 0 } = {}) {
  const requests: { authorization: string | undefined; texts: string[] }[] = [];
  const refusing: { status?: number; isSilent?: boolean } = {};
  let left = failures;
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { input } = Asked.parse(JSON.parse(Buffer.concat(parts).toString()));
      requests.push({ authorization: request.headers.authorization, texts: input });
      if (refusing.isSilent) return;
      if (refusing.status !== undefined) return response.writeHead(refusing.status).end();
      if (request.url !== '/v1/embeddings' || left-- > 0) return response.writeHead(503).end();
      if (input.some((text) => text.includes('refused'))) return response.writeHead(400).end();
      const data = input.map((text, index) => ({ index, embedding: vectorOf(text, dimensions) })).reverse();
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ data }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    requests,
    refusing,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function vectorOf(text: string, dimensions: number): number[] {
  if (text.includes('zeros')) return new Array<number>(dimensions).fill(0);
  const vector = new Array<number>(dimensions).fill(0.001);
  for (const word of text.toLowerCase().match(/\w+/g) ?? ['']) {
    const axis = [...word.slice(0, 4)].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7) % dimensions;
    vector[axis] = (vector[axis] ?? 0) + 1;
  }
  return vector;
}
