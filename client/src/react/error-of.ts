/** tRPC types its errors by their fields; what is thrown is an Error. */
export function errorOf(error: { message: string } | null): Error | null {
  return error === null || error instanceof Error ? error : new Error(error.message);
}
