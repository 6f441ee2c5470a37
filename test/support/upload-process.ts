import { createNexusClient } from '@topology-nexus/client';

// Uploads a file until it is done or killed: `upload-process.ts URL TOKEN PATH NAME`.
const [url = '', token = '', path = '', name = ''] = process.argv.slice(2);
const nexus = createNexusClient({ url, token });
await nexus.uploads.file(path, { kind: 'artifact', name });
