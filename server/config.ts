import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** A wrong or missing setting. `main.ts` prints its one line and exits with code 2. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d+$/, `a whole number from ${least} to ${most}`)
    .transform(Number)
    .refine((n) => n >= least && n <= most, `a whole number from ${least} to ${most}`);

const urlOf = (...protocols: string[]) => {
  const remedy = `a URL that begins with ${protocols.map((p) => `${p}//`).join(' or ')}`;
  return z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), remedy);
};

const Environment = z.object({
  DATABASE_URL: urlOf('postgres:', 'postgresql:').optional(),
  NEXUS_POOL_MAX: wholeNumber(1, 1000).default(20),
  NEXUS_POOL_IDLE_SECONDS: wholeNumber(1, 86_400).default(30),
  NEXUS_POOL_CONNECT_SECONDS: wholeNumber(1, 300).default(2),
  S3_ENDPOINT: urlOf('http:', 'https:').optional(),
  S3_PUBLIC_ENDPOINT: urlOf('http:', 'https:').optional(),
  S3_ACCESS_KEY: z.string().optional(),
  S3_SECRET_KEY: z.string().optional(),
  S3_REGION: z
    .string()
    .regex(/^[a-z0-9-]{1,64}$/, 'a region such as us-east-1')
    .default('us-east-1'),
  COUCHDB_URL: urlOf('http:', 'https:').optional(),
  REDIS_URL: urlOf('redis:', 'rediss:').optional(),
  EMBEDDINGS_URL: urlOf('http:', 'https:').optional(),
  EMBEDDINGS_MODEL: z.string().optional(),
  EMBEDDINGS_API_KEY: z.string().optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: urlOf('http:', 'https:').optional(),
  NEXUS_HOST: z
    .string()
    .regex(/^[A-Za-z0-9.:-]+$/, 'an address to listen on, such as 127.0.0.1')
    .default('127.0.0.1'),
  NEXUS_PORT: wholeNumber(0, 65_535).default(3000),
  NEXUS_AUTH: z.enum(['on', 'off'], 'on or off').default('on'),
  NEXUS_ORIGINS: z
    .string()
    .transform((text) => text.split(',').map((origin) => origin.trim().replace(/\/$/, '')))
    .refine(
      (origins) => origins.every((origin) => URL.canParse(origin) && new URL(origin).origin === origin),
      'origins such as https://console.example.org, with commas between them',
    )
    .default([]),
  NEXUS_PUBLIC_URL: urlOf('http:', 'https:').optional(),
  NEXUS_AUTH_SECRET: z.string().min(32, 'at least 32 random characters').optional(),
  NEXUS_OIDC_ISSUER: urlOf('http:', 'https:').optional(),
  NEXUS_OIDC_CLIENT_ID: z.string().optional(),
  NEXUS_OIDC_CLIENT_SECRET: z.string().optional(),
  NEXUS_OIDC_TRUSTED: z.enum(['on', 'off'], 'on or off').default('off'),
  NEXUS_PROXIES: wholeNumber(0, 10).default(0),
  NEXUS_CALLS_PER_MINUTE: wholeNumber(1, 1_000_000_000).default(60_000),
  NEXUS_AUDIT_DAYS: wholeNumber(1, 36_500).default(365),
  NEXUS_DATA_DIR: z.string().default('.nexus'),
  NEXUS_EXACT_CHUNKS: wholeNumber(1, 1_000_000_000).default(5_000_000),
  NEXUS_EXACT_MS: wholeNumber(1, 600_000).default(8_000),
  NEXUS_MAX_REQUESTS: wholeNumber(1, 10_000).default(128),
  NEXUS_MAX_WAITING: wholeNumber(0, 100_000).default(1024),
  NEXUS_MAX_SUBSCRIPTIONS: wholeNumber(0, 1_000_000).default(2000),
  NEXUS_LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'], 'trace, debug, info, warn, error or silent')
    .default('info'),
});

type Variable = keyof typeof Environment.shape;

/** Each may be given in a file instead, by `<NAME>_FILE`, and its value is never printed. */
const secrets = [
  'DATABASE_URL',
  'S3_ACCESS_KEY',
  'S3_SECRET_KEY',
  'COUCHDB_URL',
  'REDIS_URL',
  'NEXUS_AUTH_SECRET',
  'NEXUS_OIDC_CLIENT_SECRET',
  'EMBEDDINGS_API_KEY',
] as const;

export type Config = Readonly<{
  postgres?: { url: string };
  pool: { max: number; idleSeconds: number; connectSeconds: number };
  objects?: { endpoint: string; publicEndpoint: string; accessKey: string; secretKey: string };
  region: string;
  documents?: { url: string; user: string; password: string };
  redisUrl?: string;
  embeddings?: { url: string; model: string; apiKey?: string };
  /** Where traces go. */
  tracesUrl?: string;
  host: string;
  port: number;
  /** Off: whoever reaches the server is its admin. Loopback only. */
  isAuthOn: boolean;
  /** Other sites whose pages may call the server. */
  origins: readonly string[];
  /** The address at which callers reach the server, where their requests do not say it. */
  publicUrl?: string;
  /** Signs the cookies of people who are signed in; made in the data directory where it is not given. */
  authSecret?: string;
  /** `isTrusted`: an address that the provider verified is the person of that address. */
  oidc?: { issuer: string; clientId: string; clientSecret: string; isTrusted: boolean };
  /** How many proxies of one's own stand before the server. */
  proxies: number;
  /** The limit of one token, or of one person who is signed in. */
  callsPerMinute: number;
  auditDays: number;
  /** Datasets with more chunks are never searched by comparing all of them. */
  exactChunks: number;
  /** The time limit of comparing all of them. */
  exactTimeoutMs: number;
  dataDirectory: string;
  /** Requests in work, and requests that wait for their turn; those beyond are answered with 503. */
  admission: { maxRequests: number; maxWaiting: number };
  /** Open at a time; those beyond are answered with 503. */
  maxSubscriptions: number;
  logLevel: z.infer<typeof Environment>['NEXUS_LOG_LEVEL'];
}>;

/**
 * Reads the settings from an environment; empty values count as not set. Throws ConfigError with one line that names
 * the variable, its value (never a secret's) and the remedy. No other file reads `process.env`.
 */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const given: Record<string, string> = {};
  for (const name of Object.keys(Environment.shape)) {
    const value = environment[name]?.trim();
    if (value) given[name] = value;
  }
  for (const name of secrets) readSecretFile(name, environment, given);

  const parsed = Environment.safeParse(given);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const name = String(issue?.path[0] ?? 'environment');
    throw new ConfigError(`${name} is ${shown(name, given[name])}; it must be ${issue?.message ?? 'valid'}.`);
  }
  const env = parsed.data;
  if (env.NEXUS_AUTH === 'off' && !isLoopback(env.NEXUS_HOST)) {
    throw new ConfigError(
      `NEXUS_AUTH is "off", but NEXUS_HOST is ${JSON.stringify(env.NEXUS_HOST)}; listen on 127.0.0.1, or remove NEXUS_AUTH.`,
    );
  }
  return {
    ...(env.DATABASE_URL && { postgres: { url: env.DATABASE_URL } }),
    pool: {
      max: env.NEXUS_POOL_MAX,
      idleSeconds: env.NEXUS_POOL_IDLE_SECONDS,
      connectSeconds: env.NEXUS_POOL_CONNECT_SECONDS,
    },
    ...objectSettings(env),
    region: env.S3_REGION,
    ...documentSettings(env),
    ...(env.REDIS_URL && { redisUrl: env.REDIS_URL }),
    ...embeddingSettings(env),
    ...(env.OTEL_EXPORTER_OTLP_ENDPOINT && { tracesUrl: env.OTEL_EXPORTER_OTLP_ENDPOINT }),
    host: env.NEXUS_HOST,
    port: env.NEXUS_PORT,
    isAuthOn: env.NEXUS_AUTH === 'on',
    origins: env.NEXUS_ORIGINS,
    ...(env.NEXUS_PUBLIC_URL && { publicUrl: new URL(env.NEXUS_PUBLIC_URL).origin }),
    ...(env.NEXUS_AUTH_SECRET && { authSecret: env.NEXUS_AUTH_SECRET }),
    ...oidcSettings(env),
    proxies: env.NEXUS_PROXIES,
    callsPerMinute: env.NEXUS_CALLS_PER_MINUTE,
    auditDays: env.NEXUS_AUDIT_DAYS,
    exactChunks: env.NEXUS_EXACT_CHUNKS,
    exactTimeoutMs: env.NEXUS_EXACT_MS,
    dataDirectory: env.NEXUS_DATA_DIR,
    admission: { maxRequests: env.NEXUS_MAX_REQUESTS, maxWaiting: env.NEXUS_MAX_WAITING },
    maxSubscriptions: env.NEXUS_MAX_SUBSCRIPTIONS,
    logLevel: env.NEXUS_LOG_LEVEL,
  };
}

/** Whether a host name or address is this machine's alone. */
export const isLoopback = (host: string) => /^(localhost|::1|127(\.\d{1,3}){3})$/i.test(host);

function readSecretFile(name: Variable, environment: NodeJS.ProcessEnv, given: Record<string, string>): void {
  const file = environment[`${name}_FILE`]?.trim();
  if (!file) return;
  if (given[name]) {
    throw new ConfigError(`${name} and ${name}_FILE are both set; remove one of them.`);
  }
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch {
    throw new ConfigError(`${name}_FILE is "${file}", which cannot be read; name a readable file or remove it.`);
  }
  if (!text) throw new ConfigError(`${name}_FILE is "${file}", which is empty; write the value into it or remove it.`);
  given[name] = text;
}

function objectSettings(env: z.infer<typeof Environment>): Pick<Config, 'objects'> {
  if (!env.S3_ENDPOINT) {
    for (const name of ['S3_PUBLIC_ENDPOINT', 'S3_ACCESS_KEY', 'S3_SECRET_KEY'] as const) {
      if (env[name]) {
        throw new ConfigError(`S3_ENDPOINT is not set, but ${name} is; set S3_ENDPOINT, or remove ${name}.`);
      }
    }
    return {};
  }
  for (const name of ['S3_ACCESS_KEY', 'S3_SECRET_KEY'] as const) {
    if (!env[name]) throw new ConfigError(`${name} is not set; S3_ENDPOINT needs it (or ${name}_FILE).`);
  }
  for (const name of ['S3_ENDPOINT', 'S3_PUBLIC_ENDPOINT'] as const) {
    const value = env[name];
    if (value && (new URL(value).pathname !== '/' || new URL(value).username)) {
      throw new ConfigError(`${name} is "${value}"; it must be a scheme, a host and a port, without a path or a user.`);
    }
  }
  return {
    objects: {
      endpoint: env.S3_ENDPOINT,
      publicEndpoint: env.S3_PUBLIC_ENDPOINT ?? env.S3_ENDPOINT,
      accessKey: env.S3_ACCESS_KEY ?? '',
      secretKey: env.S3_SECRET_KEY ?? '',
    },
  };
}

function oidcSettings(env: z.infer<typeof Environment>): Pick<Config, 'oidc'> {
  const { NEXUS_OIDC_ISSUER: issuer, NEXUS_OIDC_CLIENT_ID: clientId, NEXUS_OIDC_CLIENT_SECRET: clientSecret } = env;
  const isTrusted = env.NEXUS_OIDC_TRUSTED === 'on';
  if (issuer && clientId && clientSecret) return { oidc: { issuer, clientId, clientSecret, isTrusted } };
  for (const name of ['NEXUS_OIDC_ISSUER', 'NEXUS_OIDC_CLIENT_ID', 'NEXUS_OIDC_CLIENT_SECRET'] as const) {
    if (!env[name] && (issuer || clientId || clientSecret)) {
      throw new ConfigError(`${name} is not set; sign-in by OIDC needs it, or remove the other NEXUS_OIDC_ settings.`);
    }
  }
  return {};
}

function documentSettings(env: z.infer<typeof Environment>): Pick<Config, 'documents'> {
  if (!env.COUCHDB_URL) return {};
  const url = new URL(env.COUCHDB_URL);
  if (!url.username || !url.password) {
    throw new ConfigError('COUCHDB_URL has no user and password; write it as http://user:password@host:5984.');
  }
  const user = decodeURIComponent(url.username);
  const password = decodeURIComponent(url.password);
  url.username = '';
  url.password = '';
  return { documents: { url: url.href.replace(/\/$/, ''), user, password } };
}

function embeddingSettings(env: z.infer<typeof Environment>): Pick<Config, 'embeddings'> {
  const { EMBEDDINGS_URL: url, EMBEDDINGS_MODEL: model, EMBEDDINGS_API_KEY: apiKey } = env;
  if (!url) {
    for (const name of ['EMBEDDINGS_MODEL', 'EMBEDDINGS_API_KEY'] as const) {
      if (env[name]) {
        throw new ConfigError(`EMBEDDINGS_URL is not set, but ${name} is; set EMBEDDINGS_URL, or remove ${name}.`);
      }
    }
    return {};
  }
  if (!model) throw new ConfigError('EMBEDDINGS_MODEL is not set; EMBEDDINGS_URL needs it.');
  return { embeddings: { url, model, ...(apiKey && { apiKey }) } };
}

function shown(name: string, value: string | undefined): string {
  if (value === undefined) return 'not set';
  return secrets.some((secret) => secret === name) ? 'a value that is not shown here' : JSON.stringify(value);
}
