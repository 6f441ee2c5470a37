export { type AccountRequest, type Accounts, openAccounts } from './open-accounts.ts';
export { replacePassword } from './store.ts';
