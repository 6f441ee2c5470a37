import { OAuth2Server } from 'oauth2-mock-server';
import { z } from 'zod';

/** Somebody as the provider knows them. */
export type Identity = { sub: string; email: string; email_verified?: boolean };

/** An OIDC provider on loopback, for the identity that each sign-in names. */
export async function startProvider() {
  const provider = new OAuth2Server();
  await provider.issuer.keys.generate('RS256');
  await provider.start(0, '127.0.0.1');
  return {
    settings: {
      NEXUS_OIDC_ISSUER: provider.issuer.url ?? '',
      NEXUS_OIDC_CLIENT_ID: 'nexus',
      NEXUS_OIDC_CLIENT_SECRET: 'not-a-secret',
    },
    /**
     * Follows the redirects to the provider and back, as a browser does, and answers the cookies of the end: of a sign-in, or,
     * with the cookie of who is signed in, of a link to the identity.
     */
    async visit(url: string, identity: Identity, cookie?: string): Promise<{ cookie: string; location: string }> {
      provider.service.removeAllListeners();
      provider.service.on('beforeTokenSigning', (token) => {
        Object.assign(token.payload, { name: identity.email, ...identity });
      });
      provider.service.on('beforeUserinfo', (answer) => {
        answer.body = { name: identity.email, ...identity };
      });
      const begun = await fetch(`${url}/auth/${cookie === undefined ? 'sign-in/social' : 'link-social'}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: url, ...(cookie !== undefined && { cookie }) },
        body: JSON.stringify({ provider: 'oidc', callbackURL: '/docs' }),
      });
      const jar = [...(cookie === undefined ? [] : [cookie]), ...pairsOf(begun)].join('; ');
      const started = z.object({ url: z.string() }).parse(await begun.json());
      const atProvider = await fetch(started.url, { redirect: 'manual' });
      const back = await fetch(atProvider.headers.get('location') ?? '', {
        redirect: 'manual',
        headers: { cookie: jar },
      });
      return { cookie: pairsOf(back).join('; '), location: back.headers.get('location') ?? '' };
    },
    [Symbol.asyncDispose]: () => provider.stop(),
  };
}

const pairsOf = (response: Response) => response.headers.getSetCookie().map((one) => one.split(';')[0] ?? '');
