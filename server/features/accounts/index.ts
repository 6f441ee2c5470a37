export { type Accounts, openAccounts } from './open-accounts.ts';
export { hashPassword } from './password.ts';
export { hasAccount, insertPassword } from './store.ts';
