/** What CouchDB would refuse, by its status and its word for it. */
export class CouchRefusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, reason: string) {
    super(reason);
    this.status = status;
    this.code = code;
  }
}
