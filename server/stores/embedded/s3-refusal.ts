/** How S3 refuses a request. */
export class S3Refusal extends Error {
  override readonly name = 'S3Refusal';
  readonly status: number;
  readonly code: string;
  /** The store's own, where the request was signed for another. */
  readonly region: string | undefined;

  constructor(status: number, code: string, message: string, region?: string) {
    super(message);
    this.status = status;
    this.code = code;
    this.region = region;
  }
}
