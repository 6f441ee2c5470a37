export { type Authenticator, accessTopic, createAuthenticator, type Presented } from './authenticate.ts';
export { createAdminToken } from './create-token.ts';
export { hashSecret, newSecret } from './secret.ts';
export { revokeTokensMadeBy, revokeTokensOf } from './store.ts';
