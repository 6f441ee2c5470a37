export { type Authenticator, accessTopic, createAuthenticator } from './authenticate.ts';
export { createAdminToken } from './create-token.ts';
export { hashSecret, newSecret } from './secret.ts';
