import { hashPassword as hash } from 'better-auth/crypto';

/** scrypt, on a thread of its own: do it before a transaction, which would make everyone else wait. */
export const hashPassword = (password: string): Promise<string> => hash(password);
