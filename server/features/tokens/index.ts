export { type Authenticator, createAuthenticator } from './authenticate.ts';
export { createAdminToken } from './create-token.ts';
