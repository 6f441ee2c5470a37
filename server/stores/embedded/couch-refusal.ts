/** A request that CouchDB would refuse, with its status and its error code. */
export class CouchRefusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, reason: string) {
    super(reason);
    this.status = status;
    this.code = code;
  }
}
