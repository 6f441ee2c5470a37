import http from 'node:http';
import https from 'node:https';
import { Socket } from 'node:net';
import { Client } from 'minio';
import type { S3Credentials } from './s3-presign.ts';

export type ObjectsAddress = {
  endpoint: string;
  /** The address by which callers reach the store; presigned URLs are signed for it. */
  publicEndpoint: string;
  accessKey: string;
  secretKey: string;
  region: string;
};

/** minio-js waits for ever; a connection on which nothing comes or goes for `maxSilenceMs` is given up. */
export function s3Client(endpoint: string, { accessKey, secretKey, region }: S3Credentials, maxSilenceMs: number) {
  const url = new URL(endpoint);
  const useSSL = url.protocol === 'https:';
  return new Client({
    endPoint: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port ? Number(url.port) : useSSL ? 443 : 80,
    useSSL,
    accessKey,
    secretKey,
    // Given, or each bucket would cost a look-up.
    region,
    pathStyle: true,
    transportAgent: agentOf(useSSL, maxSilenceMs),
    // A request that failed is repeated by whoever asked for it, who knows whether that is safe.
    retryOptions: { disableRetry: true },
  });
}

function agentOf(useSSL: boolean, maxSilenceMs: number): http.Agent {
  const agent = useSSL ? new https.Agent({ keepAlive: true }) : new http.Agent({ keepAlive: true });
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    const socket = connect(options, callback);
    if (socket instanceof Socket) {
      socket.setTimeout(maxSilenceMs, () =>
        socket.destroy(new Error(`The object store was silent for ${maxSilenceMs} ms.`)),
      );
    }
    return socket;
  };
  return agent;
}
